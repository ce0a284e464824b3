import { grouped } from './figures.ts'
import type { Output } from './output.ts'
import type { ProgressState } from './progress.ts'

/**
 * Progress where there is no terminal, for logs: a line whenever another tenth of the work is done, except the
 * last, after which there is a result to tell.
 */
export class ProgressLines implements Disposable {
  readonly #output: Output
  #told = 0

  constructor(output: Output) {
    this.#output = output
  }

  show({ label, done, total, note = '' }: ProgressState): void {
    if (total === undefined || total === 0) return
    const tenths = Math.floor(Math.min(1, done / total) * 10)
    if (tenths <= this.#told || tenths === 10) return
    this.#told = tenths
    const tail = note === '' ? `${grouped(done)} of ${grouped(total)}` : note
    // What can't be written shows at the next line that somebody waits for.
    this.#output.line(`${label}: ${tenths * 10} % (${tail})`).catch(() => {})
  }

  [Symbol.dispose](): void {}
}
