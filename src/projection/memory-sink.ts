import type { ProjectionSink, SinkCommit, SinkEntry, SinkRange } from '../contracts/index.ts'
import { compareTexts } from './text-order.ts'

/** Read models in memory: gone with the process, and made anew from the log by the next one. */
export function memorySink(): ProjectionSink {
  const heads = new Map<string, string>()
  const spaces = new Map<string, SortedEntries>()
  const spaceOf = (name: string, space: string): SortedEntries => {
    const id = idOf(name, space)
    const known = spaces.get(id)
    if (known !== undefined) return known
    const made = new SortedEntries()
    spaces.set(id, made)
    return made
  }
  return {
    head: async (name, signal) => {
      signal?.throwIfAborted()
      return heads.get(name)
    },
    get: async (name, space, keys, signal) => {
      signal?.throwIfAborted()
      const entries = spaceOf(name, space)
      return keys.map((key) => entries.get(key))
    },
    list: async (name, space, range, signal) => {
      signal?.throwIfAborted()
      return spaceOf(name, space).list(range)
    },
    async commit({ name, expects, head, writes }: SinkCommit, signal) {
      signal?.throwIfAborted()
      if (heads.get(name) !== expects) return false
      heads.set(name, head)
      for (const { space, key, value } of writes) spaceOf(name, space).put(key, value)
      for (const space of new Set(writes.map((write) => write.space)))
        if (spaceOf(name, space).isEmpty) spaces.delete(idOf(name, space))
      return true
    },
  }
}

/** Another one for every other name and space. */
function idOf(name: string, space: string): string {
  return JSON.stringify([name, space])
}

/** A map whose keys are sorted when somebody wants to see them in order. */
class SortedEntries {
  readonly #values = new Map<string, string>()
  #keys: string[] = []
  readonly #fresh = new Set<string>()
  #gone = 0

  get isEmpty(): boolean {
    return this.#values.size === 0
  }

  get(key: string): string | undefined {
    return this.#values.get(key)
  }

  put(key: string, value: string | null): void {
    if (value === null) {
      if (this.#values.delete(key)) this.#gone++
      return
    }
    if (!this.#values.has(key)) this.#fresh.add(key)
    this.#values.set(key, value)
  }

  list({ after, before, limit, reverse = false }: SinkRange): readonly SinkEntry[] {
    this.#sort()
    const first = after === undefined ? 0 : this.#place(after, true)
    const end = before === undefined ? this.#keys.length : this.#place(before, false)
    const entries: SinkEntry[] = []
    const step = reverse ? -1 : 1
    for (let at = reverse ? end - 1 : first; at >= first && at < end; at += step) {
      const key = this.#keys[at] as string
      const value = this.#values.get(key)
      if (value === undefined) continue
      entries.push({ key, value })
      if (entries.length === limit) break
    }
    return entries
  }

  #sort(): void {
    if (this.#gone > this.#keys.length / 2) {
      this.#keys = this.#keys.filter((key) => this.#values.has(key))
      this.#gone = 0
    }
    if (this.#fresh.size === 0) return
    const known = this.#keys
    const fresh = [...this.#fresh].filter((key) => this.#values.has(key)).sort(compareTexts)
    this.#fresh.clear()
    this.#keys = merged(known, fresh)
  }

  /** Where the first key stands that is not less, or with `past` the first that is greater. */
  #place(key: string, past: boolean): number {
    let [low, high] = [0, this.#keys.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      const order = compareTexts(this.#keys[middle] as string, key)
      if (order < 0 || (past && order === 0)) low = middle + 1
      else high = middle
    }
    return low
  }
}

/** Two sorted lists as one, each key once. */
function merged(known: readonly string[], fresh: readonly string[]): string[] {
  if (fresh.length === 0) return [...known]
  const all: string[] = []
  let at = 0
  for (const key of fresh) {
    while (at < known.length && compareTexts(known[at] as string, key) < 0)
      all.push(known[at++] as string)
    if (known[at] === key) at++
    all.push(key)
  }
  while (at < known.length) all.push(known[at++] as string)
  return all
}
