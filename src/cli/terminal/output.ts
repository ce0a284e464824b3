import type { Writable } from 'node:stream'
import { type Style, styleFor } from './style.ts'

type Stream = Writable & { readonly isTTY?: boolean; readonly columns?: number }

/**
 * Standard output or standard error. Writing waits while the reader is slow; when it has gone away
 * (`| head`), `gone` says so and writing does nothing. Any other failure to write rejects.
 *
 * On a terminal it can hold one status line below what is written, such as a progress bar.
 */
export class Output {
  readonly style: Style
  readonly #stream: Stream
  #failure: NodeJS.ErrnoException | undefined
  #status = ''

  constructor(stream: Stream, env: Readonly<Record<string, string | undefined>>) {
    this.#stream = stream
    this.style = styleFor(stream, env)
    stream.on('error', (error) => {
      this.#failure ??= error
    })
  }

  get isTerminal(): boolean {
    return this.#stream.isTTY === true
  }

  /** Characters in a line of the terminal; `undefined` where lines have no end. */
  get columns(): number | undefined {
    return this.isTerminal ? (this.#stream.columns ?? 80) : undefined
  }

  /** Nobody reads any more. */
  get gone(): boolean {
    return this.#failure?.code === 'EPIPE'
  }

  line(text = ''): Promise<void> {
    return this.write(`${text}\n`)
  }

  async write(text: string): Promise<void> {
    if (this.gone) return
    if (this.#failure !== undefined) throw this.#failure
    await this.#put(this.#status === '' ? text : `${clearLine}${text}${this.#status}`)
    if (this.#failure !== undefined && !this.gone) throw this.#failure
  }

  /** Shows a status line in place of the one before; the empty text takes it away. */
  status(text: string): void {
    if (!this.isTerminal || this.#failure !== undefined || text === this.#status) return
    this.#status = text
    this.#stream.write(`${clearLine}${text}`)
  }

  #put(text: string): Promise<void> {
    return new Promise((resolve) => {
      // The callback comes with an error as well; it is kept by the listener.
      this.#stream.write(text, (error) => {
        if (error) this.#failure ??= error
        resolve()
      })
    })
  }
}

const clearLine = '\r\x1b[2K'
