import type { ChangePage, LiveWant, Transport, Welcome } from '../../contracts/index.ts'
import { RejoinError } from '../../errors/index.ts'
import { type Runtime, withDeadline } from '../../runtime/index.ts'
import type { Cursor } from '../../version/index.ts'
import { untilAborted } from './interruptible.ts'

export interface OfferedLiveOptions<C> {
  /** Used where the remote offers WebSockets, and they work. */
  readonly live: Transport<C>
  /** Used otherwise, if it has a stream. */
  readonly calls: Transport<C>
  readonly runtime: Runtime
}

/**
 * One of two ways for each subscription:
 *
 *     offered ── first page in time ──▶ live
 *        │ no, or not offered
 *        ▼
 *      calls ── its stream works ──▶ live is left alone for a while: a proxy refuses it, most likely
 */
export class OfferedLive<C> {
  readonly #options: OfferedLiveOptions<C>
  #isOffered = false
  #refusedUntil = Number.NEGATIVE_INFINITY

  constructor(options: OfferedLiveOptions<C>) {
    this.#options = options
  }

  greeted(welcome: Welcome): Welcome {
    this.#isOffered = welcome.live?.includes('websocket') === true
    return welcome
  }

  async *subscribe(
    after: Cursor,
    want: LiveWant<C>,
    signal: AbortSignal,
  ): AsyncGenerator<ChangePage<C>, void> {
    const { calls, live, runtime } = this.#options
    const tries = this.#isOffered && runtime.monotonic() >= this.#refusedUntil
    if (tries) {
      const end = new AbortController()
      const either = AbortSignal.any([signal, end.signal])
      const pages = live.subscribe?.(after, want, either)[Symbol.asyncIterator]()
      const first = pages && (await this.#first(pages, signal))
      if (pages !== undefined && first !== undefined) {
        yield first
        return yield* rest(pages)
      }
      end.abort()
    }
    if (calls.subscribe === undefined) throw deaf()
    for await (const page of calls.subscribe(after, want, signal)) {
      if (tries) this.#refusedUntil = runtime.monotonic() + pause
      yield page
    }
  }

  /** `undefined` when this is not the way. */
  async #first(
    pages: AsyncIterator<ChangePage<C>>,
    signal: AbortSignal,
  ): Promise<ChangePage<C> | undefined> {
    const late = () => new RejoinError('timeout', `no page within ${patience} ms`, where)
    try {
      const come = (inner: AbortSignal) => untilAborted(inner, pages.next())
      const first = await withDeadline(this.#options.runtime, patience, signal, late, come)
      return first.done ? undefined : first.value
    } catch {
      signal.throwIfAborted()
      return undefined
    }
  }
}

async function* rest<T>(pages: AsyncIterator<T>): AsyncGenerator<T, void> {
  try {
    for (let next = await pages.next(); !next.done; next = await pages.next()) yield next.value
  } finally {
    await pages.return?.()
  }
}

/** As `Transport.subscribe` has it: the remote can only be asked. */
function deaf(): RejoinError {
  return new RejoinError('not_found', 'the remote has no stream that could be opened', where)
}

const where = { operation: 'subscribe', component: 'transport/remote' }
/** Milliseconds for a first page, which comes at once: less than a link waits for it. */
const patience = 5_000
/** Milliseconds until what was refused is tried again. */
const pause = 10 * 60_000
