import type { ProjectionSink } from '../contracts/index.ts'
import { abortSignal, aFunction, fields, text, timerTime, withMethods } from '../errors/check.ts'
import { RejoinError } from '../errors/index.ts'
import { type Runtime, systemRuntime } from '../runtime/index.ts'
import { checkName } from './check-projection.ts'

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
   * then be tried at once.
   */
  once(
    id: string,
    effect: (tools: EffectTools) => void | Promise<void>,
    options?: { readonly signal?: AbortSignal },
  ): Promise<EffectOutcome>
}

/** For effects that should happen once: see `once`. */
export function outbox(options: OutboxOptions): Outbox {
  const { name, sink, lease = 60_000, runtime = systemRuntime } = fields('options', options, where)
  const id = `outbox:${checkName(name, where)}`
  withMethods('sink', sink, ['head', 'get', 'commit'], 'a projection sink', where)
  timerTime('lease', lease, where)
  const ledger = new Ledger(id, sink, runtime, lease)
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

/** Who has which effect, and what is done. The head counts tokens, and lets one worker change it at a time. */
class Ledger {
  readonly #name: string
  readonly #sink: ProjectionSink
  readonly #runtime: Pick<Runtime, 'now'>
  readonly #lease: number

  constructor(name: string, sink: ProjectionSink, runtime: Pick<Runtime, 'now'>, lease: number) {
    this.#name = name
    this.#sink = sink
    this.#runtime = runtime
    this.#lease = lease
  }

  /** A token, and the lease; `undefined` when it is done. */
  claim(id: string, signal: AbortSignal | undefined): Promise<number | undefined> {
    return this.#change(
      id,
      (entry, token) => {
        if (entry?.state === 'done') return { answer: undefined }
        if (entry?.state === 'taken' && entry.until > this.#runtime.now()) throw busy(id)
        const until = this.#runtime.now() + this.#lease
        return { answer: token, entry: { state: 'taken', token, until } }
      },
      signal,
    )
  }

  /** `false` when it has gone to somebody else. */
  end(id: string, token: number, state: 'done' | 'free'): Promise<boolean> {
    return this.#change(id, (entry) => {
      if (entry?.state !== 'taken' || entry.token !== token) return { answer: false }
      return { answer: true, entry: { state, token, until: 0 } }
    })
  }

  async #change<T>(
    id: string,
    decide: (entry: Entry | undefined, token: number) => { answer: T; entry?: Entry },
    signal?: AbortSignal,
  ): Promise<T> {
    for (;;) {
      const head = await this.#sink.head(this.#name, signal)
      const [found] = await this.#sink.get(this.#name, space, [id], signal)
      const known = found === undefined ? undefined : (JSON.parse(found) as Entry)
      const next = Number(head ?? 0) + 1
      const { answer, entry } = decide(known, next)
      if (entry === undefined) return answer
      const writes = [{ space, key: id, value: JSON.stringify(entry) }]
      const commit = { name: this.#name, expects: head, head: String(next), writes }
      if (await this.#sink.commit(commit, signal)) return answer
    }
  }
}

interface Entry {
  readonly state: 'taken' | 'free' | 'done'
  readonly token: number
  /** Milliseconds since 1970. */
  readonly until: number
}

function busy(id: string): RejoinError {
  return new RejoinError('unavailable', `another worker is at the effect ${id}`, where)
}

function leaseOver(id: string): RejoinError {
  return new RejoinError('timeout', `the lease of the effect ${id} is over`, where)
}

const space = 'effects'
const where = { operation: 'once', component: 'projection' }
