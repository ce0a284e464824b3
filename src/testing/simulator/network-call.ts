import { RejoinError } from '../../errors/index.ts'
import type { Counts } from './counts.ts'
import type { Fence } from './fence.ts'
import type { Line } from './line.ts'
import type { Scheduler } from './scheduler.ts'
import type { Trace } from './trace.ts'

/*
 *   caller ── request ──► target   lost, or nobody there: not executed
 *          ◄── answer ───          lost, or the target died at it: executed, as far as it got
 *          ── request ──► target   the same once more, perhaps much later; nobody hears its answer
 */

/** The caller's end: a node's name, and the life it calls from. */
export interface Caller {
  readonly name: string
  readonly fence: Fence
}

/** What something goes over: the lines there and back, and who watches. */
export interface Passage {
  readonly from: Caller
  readonly label: string
  readonly there: Line
  readonly back: Line
  readonly patience: number
  readonly scheduler: Scheduler
  readonly trace: Trace
  readonly counts: Counts
}

export interface NetworkCallOptions<T> extends Passage {
  /** Executes the call at its target; `undefined` when nobody is there. */
  readonly arrive: () => Promise<T> | undefined
}

/** One call over the network, and what becomes of it. */
export class NetworkCall<T> {
  readonly #options: NetworkCallOptions<T>
  readonly #answer = Promise.withResolvers<T>()
  #over = false

  constructor(options: NetworkCallOptions<T>) {
    this.#options = options
  }

  /** Sends it; settles with the answer, the signal's reason, `network` or `timeout`, all but the first two retryable. */
  run(signal: AbortSignal | undefined): Promise<T> {
    const { from, label, there, scheduler, patience } = this.#options
    if (signal?.aborted) return Promise.reject(signal.reason)
    const late = () => this.#fail('timeout', `no answer within ${patience} ms`)
    const timer = scheduler.after(patience, `${label} timeout`, late)
    const abort = () => this.#settle(() => this.#answer.reject(signal?.reason))
    signal?.addEventListener('abort', abort, { once: true })
    there.send(
      label,
      () => this.#arrived(),
      () => this.#requestLost(),
    )
    this.#sendAgain()
    return from.fence.hold(
      this.#answer.promise.finally(() => {
        timer.cancel()
        signal?.removeEventListener('abort', abort)
      }),
    )
  }

  #sendAgain(): void {
    const { there, label, arrive, counts, trace } = this.#options
    const late = there.drawDuplicate()
    if (late === undefined) return
    const arrived = () => {
      const answer = arrive()
      if (answer === undefined) return
      counts.duplicates++
      trace.note(`${label} arrives twice`)
      answer.catch(() => {})
    }
    there.send(`${label} again`, arrived, () => {}, late)
  }

  #arrived(): void {
    const answer = this.#options.arrive()
    if (answer === undefined) this.#sendBack(() => this.#fail('network', 'nobody is there'))
    answer?.then(
      (value) => this.#sendBack(() => this.#settle(() => this.#answer.resolve(value))),
      (error) => this.#sendBack(() => this.#settle(() => this.#answer.reject(error))),
    )
  }

  #sendBack(deliver: () => void): void {
    const { back, label } = this.#options
    back.send(`${label} answer`, deliver, () => {
      this.#options.counts.lostAnswers++
      this.#lost('the answer is lost')
    })
  }

  #requestLost(): void {
    this.#options.counts.lostRequests++
    this.#lost('the request is lost')
  }

  #lost(what: string): void {
    const { trace, label, there } = this.#options
    trace.note(`${label}: ${what}`)
    if (there.drawNotice()) this.#fail('network', 'the connection broke')
  }

  #fail(code: 'network' | 'timeout', message: string): void {
    const { label } = this.#options
    const error = new RejoinError(code, message, { operation: label, component: 'simulator' })
    this.#settle(() => this.#answer.reject(error))
  }

  #settle(settle: () => void): void {
    if (this.#over) return
    this.#over = true
    settle()
  }
}
