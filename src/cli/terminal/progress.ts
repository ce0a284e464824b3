import { type Runtime, systemRuntime } from '../../runtime/index.ts'
import { grouped } from './figures.ts'
import type { Output } from './output.ts'

export interface ProgressState {
  readonly label: string
  readonly done: number
  /** Absent where nobody knows how much there will be. */
  readonly total?: number
  /** What is counted, or what else to say. */
  readonly note?: string
}

/**
 * A bar on a terminal's status line; nothing elsewhere. Redrawn at most ten times a second, and not at
 * all when the work is done before anybody could read it. Takes itself away when disposed.
 */
export class Progress implements Disposable {
  readonly #output: Output
  readonly #runtime: Pick<Runtime, 'monotonic'>
  #next: number

  constructor(output: Output, runtime: Pick<Runtime, 'monotonic'> = systemRuntime) {
    this.#output = output
    this.#runtime = runtime
    this.#next = runtime.monotonic() + quiet
  }

  /** `true` when it was drawn. */
  show(state: ProgressState): boolean {
    if (!this.#output.isTerminal || this.#runtime.monotonic() < this.#next) return false
    this.#next = this.#runtime.monotonic() + pause
    this.#output.status(statusLine(state, this.#output))
    return true
  }

  [Symbol.dispose](): void {
    this.#output.status('')
  }
}

function statusLine({ label, done, total, note = '' }: ProgressState, output: Output): string {
  const { style, columns = 80 } = output
  const tail = note === '' ? '' : `  ${note}`
  if (total === undefined || total === 0)
    return clipped(`${label}  ${grouped(done)}${tail}`, columns)
  const share = Math.min(1, done / total)
  const percent = `${String(Math.floor(share * 100)).padStart(3)} %`
  const width = Math.min(mostBar, columns - label.length - percent.length - tail.length - 5)
  if (width < leastBar) return clipped(`${label}  ${percent}${tail}`, columns)
  const full = Math.round(share * width)
  const bar = style.green('━'.repeat(full)) + style.dim('━'.repeat(width - full))
  return `${label}  ${bar}  ${percent}${style.dim(tail)}`
}

// A full line would wrap, and then taking it away leaves half of it behind.
function clipped(text: string, columns: number): string {
  return text.length < columns ? text : text.slice(0, columns - 1)
}

/** Milliseconds before the first drawing, and between two. */
const quiet = 150
const pause = 100
const mostBar = 32
const leastBar = 8
