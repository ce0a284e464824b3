import { type LinkedChange, Patterns, type StateStorage } from '../../contracts/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import { type Cursor, start } from '../../version/index.ts'
import { RangeIndex } from './range-index.ts'
import { sumOfVersion } from './version-sum.ts'

/**
 * What lives under each key of a storage, with its fingerprints. Reads the storage's feed from where it was when it
 * is asked: once all of it, and from then on only what has changed since. Deletes are what is not there: tombstones
 * go at other times on each server.
 */
export class FollowedIndexes {
  readonly keys: readonly string[]
  readonly #storage: StateStorage
  readonly #runtime: Pick<Runtime, 'sha256' | 'soon'>
  readonly #indexes = new Patterns<RangeIndex>()
  #cursor: Cursor = start
  #line: Promise<void> = Promise.resolve()

  constructor(
    storage: StateStorage,
    keys: readonly string[],
    runtime: Pick<Runtime, 'sha256' | 'soon'>,
  ) {
    this.keys = keys
    this.#storage = storage
    this.#runtime = runtime
    for (const key of keys) this.#indexes.set(key, new RangeIndex())
  }

  /**
   * Of that key as of now; `undefined` when it is none of ours. The same object each time: it moves on at the next
   * call.
   */
  async of(key: string, signal?: AbortSignal): Promise<RangeIndex | undefined> {
    const index = this.#indexes.get(key)
    if (index === undefined) return undefined
    const turn = this.#line.then(() => this.#catchUp(signal))
    this.#line = turn.catch(() => {})
    await turn
    return index
  }

  async #catchUp(signal: AbortSignal | undefined): Promise<void> {
    for (;;) {
      signal?.throwIfAborted()
      const page = await this.#storage.changes(this.#cursor, size, signal)
      if (page.kind === 'reset') {
        for (const index of this.#indexes.values()) index.clear()
        this.#cursor = start
        continue
      }
      for (const change of page.changes) this.#take(change)
      this.#cursor = page.cursor
      if (!page.more) return
      // A million objects are a second of hashing.
      await new Promise<void>((resolve) => this.#runtime.soon(resolve))
    }
  }

  #take(change: LinkedChange): void {
    const { path, dataText } = change
    for (const index of this.#indexes.matching(path))
      if (dataText === null) index.delete(path)
      else index.set(path, sumOfVersion(change, this.#runtime))
  }
}

const size = { count: 1_000, bytes: 4 * 1024 * 1024 }
