import type { ChangePage, LiveWant } from '../../contracts/index.ts'
import type { LogEvent } from '../../event/index.ts'
import type { Cursor } from '../../version/index.ts'
import type { Sized } from './change-form.ts'
import type { Following } from './live-follower.ts'
import type { LiveTail } from './live-tail.ts'

/**
 * What a follower is told, page by page, as fast as they are asked for: nothing is kept in between. Ends
 * after a `Reset`; rejects when the log fails or the signal aborts.
 */
export class LivePages<C extends Sized = LogEvent> implements AsyncIterableIterator<ChangePage<C>> {
  readonly #join: () => Following
  readonly #signal: AbortSignal
  readonly #waiting: PromiseWithResolvers<IteratorResult<ChangePage<C>>>[] = []
  #following: Following | undefined
  #last: (() => Promise<IteratorResult<ChangePage<C>>>) | undefined
  #over: (() => Promise<IteratorResult<ChangePage<C>>>) | undefined

  constructor(tail: LiveTail<C>, after: Cursor, want: LiveWant<C>, signal: AbortSignal) {
    this.#signal = signal
    this.#join = () =>
      tail.join({
        after,
        want,
        deliver: (page) => this.#deliver(page),
        failed: (error) => this.#end(() => Promise.reject(error)),
      })
  }

  next(): Promise<IteratorResult<ChangePage<C>>> {
    if (this.#signal.aborted) this.#abort()
    const last = this.#last ?? this.#over
    this.#last = undefined
    if (last !== undefined) return last()
    const waiting = Promise.withResolvers<IteratorResult<ChangePage<C>>>()
    this.#waiting.push(waiting)
    if (this.#following === undefined) this.#begin()
    else this.#following.resume()
    return waiting.promise
  }

  async return(): Promise<IteratorResult<ChangePage<C>>> {
    this.#end(done)
    return done()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  readonly #abort = () => this.#end(() => Promise.reject(this.#signal.reason))

  #begin(): void {
    this.#signal.addEventListener('abort', this.#abort, { once: true })
    this.#following = this.#join()
  }

  #deliver(page: ChangePage<C>): boolean {
    const waiting = this.#waiting.shift()
    waiting?.resolve({ done: false, value: page })
    if (page.kind === 'page') return waiting !== undefined
    if (waiting === undefined) this.#last = async () => ({ done: false, value: page })
    this.#end(done)
    return true
  }

  #end(how: () => Promise<IteratorResult<ChangePage<C>>>): void {
    if (this.#over !== undefined) return
    this.#over = how
    this.#signal.removeEventListener('abort', this.#abort)
    this.#following?.leave()
    for (const waiting of this.#waiting.splice(0)) how().then(waiting.resolve, waiting.reject)
  }
}

const done = async (): Promise<IteratorReturnResult<undefined>> => ({
  done: true,
  value: undefined,
})
