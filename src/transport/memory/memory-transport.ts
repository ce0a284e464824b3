import type { Replica, Transport, Welcome } from '../../contracts/index.ts'
import { fields, type Known } from '../../errors/check.ts'
import { RejoinError } from '../../errors/index.ts'
import { type Runtime, systemRuntime } from '../../runtime/index.ts'
import { Calls, type RemoteLimits, remoteOf, type Sized } from '../remote/index.ts'

/** What the other end is, beside its replica: its clock, and how much it moves in one call. */
export interface MemoryTransportOptions {
  readonly runtime?: Runtime
  readonly limits?: Partial<RemoteLimits>
}

/**
 * A transport to a replica in the same process, a log or a storage of state. Changes are handed over as they are, nothing is copied.
 * Closing it leaves the replica open. All transports to one replica share what their subscriptions read.
 */
export function memoryTransport<C extends Sized>(
  replica: Replica<C>,
  options: MemoryTransportOptions = {},
): Transport<C> {
  fields('options', options, opening, memoryTransportOptionNames)
  fields('limits', options.limits ?? {}, opening, remoteLimitNames)
  const runtime = options.runtime ?? systemRuntime
  const remote = remoteOf(replica, { ...options, runtime })
  const calls = new Calls({ runtime, component: 'transport/memory' })
  const close = () => calls.close()
  return {
    hello: (mine, signal) =>
      // A named peer is always told what is known of it.
      calls.run('hello', signal, (inner) =>
        there(remote.hello(mine, inner) as Promise<Welcome>, inner),
      ),
    push: (batch, signal) =>
      calls.run('push', signal, (inner) => there(remote.push(batch, inner), inner)),
    pull: (after, want, signal) =>
      calls.run('pull', signal, (inner) => there(remote.pull(after, want, inner), inner)),
    subscribe: (after, want, signal) =>
      calls.stream('subscribe', signal, (inner) =>
        pagesThere(remote.subscribe(after, want, inner), inner),
      ),
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** What is closed there is away, for who is here: as over any wire, it may come back. */
async function there<T>(answer: Promise<T>, inner: AbortSignal): Promise<T> {
  try {
    return await answer
  } catch (error) {
    throw inner.aborted ? error : asAway(error)
  }
}

async function* pagesThere<T>(pages: AsyncIterable<T>, inner: AbortSignal): AsyncIterable<T> {
  try {
    yield* pages
  } catch (error) {
    throw inner.aborted ? error : asAway(error)
  }
}

function asAway(error: unknown): unknown {
  if (!(error instanceof RejoinError) || error.code !== 'closed') return error
  const where = { operation: 'call', component: 'transport/memory', retryable: true, cause: error }
  return new RejoinError('unavailable', 'the other end is closed', where)
}

const opening = { operation: 'open', component: 'transport/memory' }

const remoteLimitNames: Known<RemoteLimits> = { count: true, bytes: true, ids: true }

const memoryTransportOptionNames: Known<MemoryTransportOptions> = { runtime: true, limits: true }
