import type { Runtime, Timer } from '../runtime/index.ts'

/** Tells watchers about commits: our own at once, those of other connections by looking. */
export class CommitWatch {
  readonly #runtime: Runtime
  readonly #dataVersion: () => number
  readonly #watchers = new Set<Watcher>()
  #seen: number | undefined
  #timer: Timer | undefined
  #isClosed = false

  constructor(runtime: Runtime, dataVersion: () => number) {
    this.#runtime = runtime
    this.#dataVersion = dataVersion
  }

  committed(): void {
    for (const watcher of this.#watchers) watcher.notify()
  }

  /** Ends when the signal aborts or the file closes. Commits from this call on are told. */
  watch(signal: AbortSignal): AsyncIterable<void> {
    const watcher = new Watcher(() => {
      this.#watchers.delete(watcher)
      signal.removeEventListener('abort', stop)
    })
    const stop = () => watcher.stop()
    if (signal.aborted || this.#isClosed) watcher.stop()
    else {
      this.#watchers.add(watcher)
      signal.addEventListener('abort', stop, { once: true })
      this.#seen ??= this.#dataVersion()
      this.#lookLater()
    }
    return watcher
  }

  close(): void {
    this.#isClosed = true
    this.#timer?.cancel()
    for (const watcher of [...this.#watchers]) watcher.stop()
  }

  #lookLater(): void {
    this.#timer ??= this.#runtime.timer(lookMilliseconds, () => {
      this.#timer = undefined
      if (this.#watchers.size === 0) return
      this.#look()
      this.#lookLater()
    })
  }

  #look(): void {
    const version = this.#dataVersion()
    if (version === this.#seen) return
    this.#seen = version
    this.committed()
  }
}

const lookMilliseconds = 50

class Watcher implements AsyncIterableIterator<void> {
  readonly #gone: () => void
  #isNews = false
  #isOver = false
  #wake: (() => void) | undefined

  constructor(gone: () => void) {
    this.#gone = gone
  }

  notify(): void {
    this.#isNews = true
    this.#wake?.()
  }

  stop(): void {
    this.#isOver = true
    this.#gone()
    this.#wake?.()
  }

  async next(): Promise<IteratorResult<void>> {
    if (!this.#isNews && !this.#isOver)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    if (this.#isOver) return { done: true, value: undefined }
    this.#isNews = false
    return { done: false, value: undefined }
  }

  async return(): Promise<IteratorResult<void>> {
    this.stop()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
