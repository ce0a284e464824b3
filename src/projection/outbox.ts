import type { ProjectionSink } from '../contracts/index.ts'
import {
  abortSignal,
  aFunction,
  fields,
  type Known,
  text,
  timerTime,
  wholeNumber,
  withMethods,
} from '../errors/check.ts'
import { RejoinError } from '../errors/index.ts'
import { type Runtime, systemRuntime } from '../runtime/index.ts'
import { checkName } from './check-projection.ts'
import { Ledger } from './ledger.ts'

export interface OutboxOptions {
  /** `[A-Za-z0-9._-]`, at most 200 characters. */
  readonly name: string
  /** Where it is kept: a store's `projections`, for one. */
  readonly sink: ProjectionSink
  /**
   * How long an effect may take before another worker may take it over. Milliseconds; default 60,000. By the
   * wall clocks of the workers.
   */
  readonly lease?: number
  /**
   * An effect that was done is remembered until so many tries have begun since, of whatever effects, so that the
   * outbox does not grow for ever; default 100,000 (some 20 MB in a file). Asked for later than that, it is run
   * again: have this be more than is ever told again. A subscription tells one batch again after a crash, and all
   * of it when its log turns out to be another one or has lost something.
   */
  readonly keep?: number
  readonly runtime?: Runtime
}

/** What an effect is given. */
export interface EffectTools {
  readonly id: string
  /**
   * Greater than that of every earlier try, of whatever effect. Hand it to the receiver: one that has seen a
   * greater token for this id refuses the late-comer.
   */
  readonly token: number
  /** Aborts when the lease is over, or the caller's signal does. */
  readonly signal: AbortSignal
}

/** `done`: by this call. `already`: it was done before. `lost`: another worker took it over meanwhile. */
export type EffectOutcome = 'done' | 'already' | 'lost'

/** Effects by id, each of them recorded as done once. */
export interface Outbox {
  /**
   * Runs the effect unless it is recorded as done. Never two at once, as long as they keep to their lease;
   * while another worker has it, rejects with `unavailable`, which is `retryable`. When this process dies
   * after the effect and before the record, the effect is run again, under the same id and a greater token:
   * only a receiver that looks at either makes it exactly once. Rejects with what the effect throws; it may
   * then be tried at once. What was done long ago is forgotten: see `keep`.
   */
  once(
    id: string,
    effect: (tools: EffectTools) => void | Promise<void>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<EffectOutcome>
}

/** For effects that should happen once: see `once`. */
export function outbox(options: OutboxOptions): Outbox {
  const {
    name,
    sink,
    lease = 60_000,
    keep = 100_000,
    runtime = systemRuntime,
  } = fields('options', options, where, outboxOptionNames)
  const id = `outbox:${checkName(name, where)}`
  withMethods('sink', sink, ['head', 'get', 'list', 'commit'], 'a projection sink', where)
  timerTime('lease', lease, where)
  wholeNumber('keep', keep, where, { from: 1, to: mostKept })
  const ledger = new Ledger({ name: id, sink, runtime, lease, keep })
  return {
    async once(effectId, effect, { signal } = {}) {
      text('id', effectId, where)
      aFunction('effect', effect, where)
      abortSignal(signal, where)
      const token = await ledger.claim(effectId, signal)
      if (token === undefined) return 'already'
      const over = new AbortController()
      const timer = runtime.timer(lease, () => over.abort(leaseOver(effectId)))
      try {
        const either = signal === undefined ? over.signal : AbortSignal.any([signal, over.signal])
        await effect({ id: effectId, token, signal: either })
      } catch (error) {
        await ledger.end(effectId, token, 'free')
        throw error
      } finally {
        timer.cancel()
      }
      return (await ledger.end(effectId, token, 'done')) ? 'done' : 'lost'
    },
  }
}

function leaseOver(id: string): RejoinError {
  return new RejoinError('timeout', `the lease of the effect ${id} is over`, where)
}

/** Tokens are numbers that JavaScript counts exactly. */
const mostKept = 1_000_000_000
const where = { operation: 'once', component: 'projection' }

const outboxOptionNames: Known<OutboxOptions> = {
  name: true,
  sink: true,
  lease: true,
  keep: true,
  runtime: true,
}
