import { RejoinError } from '../errors/index.ts'
import { type Runtime, withDeadline } from '../runtime/index.ts'
import { untilAborted } from '../transport/remote/index.ts'
import type { FoldTools } from './projection-options.ts'

/** What folds of one key are given beside their arguments, and how long they may take. */
export class FoldCall implements FoldTools {
  readonly key: string
  readonly #outer: AbortSignal
  readonly #runtime: Runtime
  readonly #timeout: number
  #own: AbortController | undefined
  #signal: AbortSignal | undefined

  constructor(key: string, outer: AbortSignal, runtime: Runtime, timeout: number) {
    this.key = key
    this.#outer = outer
    this.#runtime = runtime
    this.#timeout = timeout
  }

  /** Made when somebody asks: nearly all folds are done before they could be called off. */
  get signal(): AbortSignal {
    this.#own ??= new AbortController()
    this.#signal ??= AbortSignal.any([this.#outer, this.#own.signal])
    return this.#signal
  }

  /** A fold was called off by whoever runs it: that is nobody's fault. */
  throwIfAborted(): void {
    this.#outer.throwIfAborted()
  }

  /** What the fold comes to; `timeout` when it takes too long. */
  async inTime<T>(pending: Promise<T>): Promise<T> {
    const late = () =>
      new RejoinError('timeout', `it took more than ${this.#timeout} ms`, {
        operation: 'fold',
        component: 'projection',
      })
    try {
      return await withDeadline(this.#runtime, this.#timeout, this.#outer, late, (inner) =>
        untilAborted(inner, pending),
      )
    } catch (error) {
      this.#own?.abort(error)
      this.#own = undefined
      this.#signal = undefined
      throw error
    }
  }
}
