import type { Runtime } from '../runtime/index.ts'
import type { Change } from './change.ts'
import type { Outcome } from './outcome.ts'
import type { Telling } from './telling.ts'

/**
 * The first word of a reader that found nothing to read when it greeted: said some seconds after its first page, by
 * chance, as a thousand others get the same page at the same moment.
 */
export class Introduction<C extends Change> {
  readonly #telling: Telling<C>
  readonly #runtime: Pick<Runtime, 'timer' | 'random'>
  #isBegun = false

  constructor(telling: Telling<C>, runtime: Pick<Runtime, 'timer' | 'random'>) {
    this.#telling = telling
    this.#runtime = runtime
  }

  /** The remote knows of no reader yet, and nobody is about to tell it. */
  get isDue(): boolean {
    return !this.#isBegun && this.#telling.isFirst
  }

  /** As `Telling.tell`, after a while. */
  async make(signal: AbortSignal): Promise<Outcome> {
    this.#isBegun = true
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = this.#runtime.timer(Math.round(this.#runtime.random() * spread), resolve)
    const end = () => {
      timer.cancel()
      resolve()
    }
    signal.addEventListener('abort', end, { once: true })
    await promise
    signal.removeEventListener('abort', end)
    return signal.aborted ? 'done' : this.#telling.tell(signal)
  }
}

/** Milliseconds. */
const spread = 10_000
