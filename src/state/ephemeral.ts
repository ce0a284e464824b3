import { matchesPattern } from '../contracts/index.ts'
import type { Runtime, Timer } from '../runtime/index.ts'
import type { Shelf } from './shelf.ts'
import type { Notice } from './state.ts'

/**
 * Paths under one pattern that live in memory and expire: each is deleted when it has not been written for
 * `ttl` milliseconds. Its tombstones are collected at once: nobody replicates them.
 */
export class Ephemeral {
  readonly pattern: string
  readonly shelf: Shelf
  readonly #ttl: number
  readonly #runtime: Runtime
  /** When each path expires; the first to expire first, because all live equally long. */
  readonly #ends = new Map<string, number>()
  readonly #stop: () => void
  #timer: Timer | undefined
  #sweeping: Promise<void> = Promise.resolve()

  constructor(pattern: string, ttl: number, shelf: Shelf, runtime: Runtime) {
    this.pattern = pattern
    this.shelf = shelf
    this.#ttl = ttl
    this.#runtime = runtime
    this.#stop = shelf.listen(pattern, (notice: Notice) => this.#heard(notice))
  }

  /** Whether all that a path or pattern names is in here. */
  covers(pattern: string): boolean {
    return matchesPattern(this.pattern, pattern)
  }

  async close(): Promise<void> {
    this.#stop()
    this.#timer?.cancel()
    await this.#sweeping
    await this.shelf.close()
  }

  #heard({ changes }: Notice): void {
    const end = this.#runtime.monotonic() + this.#ttl
    for (const { path, object } of changes) {
      this.#ends.delete(path)
      if (object !== undefined) this.#ends.set(path, end)
    }
    this.#arm()
  }

  #arm(): void {
    if (this.#timer !== undefined) return
    const [first] = this.#ends.values()
    if (first === undefined) return
    const wait = Math.max(1, Math.ceil(first - this.#runtime.monotonic()))
    this.#timer = this.#runtime.timer(wait, () => {
      this.#timer = undefined
      this.#sweeping = this.#sweep().finally(() => this.#arm())
    })
  }

  async #sweep(): Promise<void> {
    const now = this.#runtime.monotonic()
    const due = [...this.#ends].filter(([, end]) => end <= now).map(([path]) => path)
    for (let at = 0; at < due.length; at += sweptAtOnce) {
      const paths = due.slice(at, at + sweptAtOnce)
      // Each is asked once more when its turn comes: somebody may have written by then.
      await Promise.all(paths.map((path) => this.#expire(path, now)))
    }
    const { end, clock } = await this.shelf.storage.rows([])
    await this.shelf.storage.collect({ before: clock + 1n, upTo: end })
  }

  async #expire(path: string, now: number): Promise<void> {
    const isDue = () => (this.#ends.get(path) ?? Number.POSITIVE_INFINITY) <= now
    if (isDue()) await this.shelf.write([{ kind: 'expire', path, isDue }])
  }
}

const sweptAtOnce = 1_000
