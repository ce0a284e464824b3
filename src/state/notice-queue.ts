import type { Notice } from './state.ts'

/** Notices for a reader that takes them at its own pace; when too many wait, one that says so takes their place. */
export class NoticeQueue<Data> {
  #waiting: Notice<Data>[] = []
  #wake: (() => void) | undefined
  #isClosed = false

  add(notice: Notice<Data>): void {
    const { position, version } = notice
    const last = this.#waiting.at(-1)
    // Behind it stays until it reads on: what follows is in the snapshot that it has to take.
    if (last?.behind || this.#waiting.length >= mostWaiting)
      this.#waiting = [{ changes: [], position, version, behind: true }]
    else this.#waiting.push(notice)
    this.#wake?.()
  }

  close(): void {
    this.#isClosed = true
    this.#wake?.()
  }

  async *read(signal: AbortSignal, ended: () => void): AsyncGenerator<Notice<Data>> {
    const stop = () => this.close()
    signal.addEventListener('abort', stop, { once: true })
    try {
      while (!signal.aborted) {
        const next = this.#waiting.shift()
        if (next !== undefined) yield next
        else if (this.#isClosed) return
        else await new Promise<void>((resolve) => (this.#wake = resolve))
      }
    } finally {
      signal.removeEventListener('abort', stop)
      ended()
    }
  }
}

const mostWaiting = 1_000
