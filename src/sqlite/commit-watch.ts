import type { Logger } from '../ports/index.ts'
import type { Runtime, Timer } from '../runtime/index.ts'
import { type FileWatch, watchFile } from './file-watch.ts'

export interface CommitWatchOptions {
  readonly runtime: Runtime
  /** The file that every commit writes to; undefined where nobody else can commit. */
  readonly wal: string | undefined
  /** Changes whenever another connection commits. */
  readonly dataVersion: () => number
  readonly logger: Logger
}

/**
 * Tells watchers about commits: our own at once, those of other connections within 50 ms. The system
 * says when the WAL is written to; what counts is SQLite's word, which comes later, once the commit is
 * flushed. So a change of the file only starts a while of looking. In the first second of it nobody listens to the
 * system, which would tell of each commit of our own.
 */
export class CommitWatch {
  readonly #options: CommitWatchOptions
  readonly #watchers = new Set<Watcher>()
  #file: FileWatch | undefined
  #timer: Timer | undefined
  #seen: number | undefined
  #isClosed = false
  #isBlind = false
  /** Looks left at the quick pace. */
  #quickLooks = 0

  constructor(options: CommitWatchOptions) {
    this.#options = options
  }

  /** We have committed. */
  committed(): void {
    for (const watcher of this.#watchers) watcher.notify()
  }

  /** Tells of commits from this call on. Ends when the signal aborts or the file is closed. */
  watch(signal: AbortSignal): AsyncIterable<void> {
    const watcher = new Watcher(() => {
      signal.removeEventListener('abort', stop)
      this.#watchers.delete(watcher)
      if (this.#watchers.size === 0) this.#rest()
    })
    const stop = () => watcher.stop()
    if (signal.aborted || this.#isClosed) stop()
    else {
      signal.addEventListener('abort', stop, { once: true })
      this.#watchers.add(watcher)
      if (this.#watchers.size === 1) this.#start()
    }
    return watcher
  }

  close(): void {
    this.#isClosed = true
    for (const watcher of this.#watchers) watcher.stop()
  }

  #start(): void {
    const { wal } = this.#options
    if (wal === undefined) return
    this.#seen = this.#version()
    this.#look()
  }

  #rest(): void {
    this.#unlisten()
    this.#timer?.cancel()
    this.#timer = undefined
    this.#quickLooks = 0
  }

  #changed(): void {
    const isSlow = this.#quickLooks === 0
    this.#unlisten()
    this.#quickLooks = quickLooks
    if (isSlow) this.#lookLater()
  }

  #listen(): void {
    const { wal } = this.#options
    if (wal !== undefined) this.#file ??= watchFile(wal, () => this.#changed())
  }

  #unlisten(): void {
    this.#file?.close()
    this.#file = undefined
  }

  #look(): void {
    // Before it looks: what comes in between is told.
    if (this.#quickLooks <= listeningLooks) this.#listen()
    const version = this.#version()
    if (version !== undefined) {
      if (version !== this.#seen) this.committed()
      this.#seen = version
    }
    this.#lookLater()
  }

  /** Undefined when the file can't be read just now. That is for those who read to hear, not for a timer. */
  #version(): number | undefined {
    try {
      const version = this.#options.dataVersion()
      this.#isBlind = false
      return version
    } catch (error) {
      const message = 'could not look for the commits of other processes; looking again'
      if (!this.#isBlind) this.#options.logger.warn(message, { error })
      this.#isBlind = true
      return undefined
    }
  }

  #lookLater(): void {
    this.#timer?.cancel()
    const isQuick = this.#quickLooks > 0 || !this.#file?.isReliable
    if (this.#quickLooks > 0) this.#quickLooks--
    const wait = isQuick ? quickMilliseconds : slowMilliseconds
    this.#timer = this.#options.runtime.timer(wait, () => this.#look())
  }
}

const quickMilliseconds = 50
/** For file systems that report some changes and swallow others. */
const slowMilliseconds = 1_000
/** Three seconds, and the last two of them, in which the system is listened to: longer than a disk takes to flush. */
const quickLooks = 60
const listeningLooks = 40

class Watcher implements AsyncIterableIterator<void> {
  readonly #gone: () => void
  #isNews = false
  #isOver = false
  #wake: (() => void)[] = []

  constructor(gone: () => void) {
    this.#gone = gone
  }

  notify(): void {
    this.#isNews = true
    this.#wakeAll()
  }

  stop(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#gone()
    this.#wakeAll()
  }

  async next(): Promise<IteratorResult<void>> {
    while (!this.#isNews && !this.#isOver)
      await new Promise<void>((resolve) => this.#wake.push(resolve))
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

  #wakeAll(): void {
    for (const resolve of this.#wake.splice(0)) resolve()
  }
}
