import { systemRuntime } from '../../runtime/index.ts'

/**
 * What happened in a simulated world, in short lines, and a hash over all of it. Equal hashes mean equal
 * runs, step for step.
 */
export class Trace {
  readonly #lines: string[] = []
  readonly #clock: { readonly now: number }
  #hash = ''

  constructor(clock: { readonly now: number }) {
    this.#clock = clock
  }

  /** A line for people. */
  note(text: string): void {
    const line = `${this.#clock.now.toFixed(1).padStart(9)} ${text}`
    this.#lines.push(line)
    this.step(line)
  }

  /** Enters the hash only: what happens too often to be read. */
  step(text: string): void {
    this.#hash = systemRuntime.sha256(`${this.#hash}\n${this.#clock.now} ${text}`)
  }

  get hash(): string {
    return this.#hash
  }

  get lines(): readonly string[] {
    return this.#lines
  }

  tail(count: number): readonly string[] {
    return this.#lines.slice(-count)
  }
}
