import { systemRuntime } from '../../runtime/index.ts'

/**
 * What happened in a simulated world, in short lines, and a hash over all of it. Equal hashes mean equal
 * runs, step for step.
 */
export class Trace {
  readonly #lines: string[] = []
  readonly #clock: { readonly now: number }
  #hash = ''
  #unhashed = ''

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
    this.#unhashed += `${this.#clock.now} ${text}\n`
    // In blocks of a fixed size: what the hash is must not depend on who asks for it when.
    if (this.#unhashed.length >= blockLength) this.#hash = this.#fold()
  }

  get hash(): string {
    return systemRuntime.sha256(this.#hash + this.#unhashed)
  }

  get lines(): readonly string[] {
    return this.#lines
  }

  tail(count: number): readonly string[] {
    return this.#lines.slice(-count)
  }

  #fold(): string {
    const { hash } = this
    this.#unhashed = ''
    return hash
  }
}

const blockLength = 8192
