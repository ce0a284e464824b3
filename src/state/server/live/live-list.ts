import type { StateObject } from '../../../contracts/index.ts'
import { added, removed } from './data-patch.ts'
import type { LiveValue, ValueChange } from './live-value.ts'
import { objectPatch } from './object-patch.ts'

export interface LiveListOptions {
  /** In any order. */
  readonly objects: readonly StateObject[]
  readonly oldestFirst: boolean
  /** An object as it is shown, or nothing where it is hidden. */
  readonly show: (object: StateObject) => StateObject | undefined
}

/** The objects of a list in their order. A change costs what it changes, not what the list holds. */
export class LiveList implements LiveValue {
  readonly #show: LiveListOptions['show']
  readonly #direction: 1 | -1
  readonly #byPath = new Map<string, Entry>()
  readonly #entries: Entry[] = []
  #size = 0

  constructor({ objects, oldestFirst, show }: LiveListOptions) {
    this.#show = show
    this.#direction = oldestFirst ? 1 : -1
    for (const object of objects) {
      const shown = show(object)
      if (shown === undefined) continue
      const entry = entryOf(shown)
      this.#byPath.set(shown.path, entry)
      this.#entries.push(entry)
      this.#size += entry.size
    }
    this.#entries.sort((one, other) => this.#compare(one.object, other.object))
  }

  get text(): string {
    return `[${this.#entries.map(({ object }) => object.text).join(',')}]`
  }

  get size(): number {
    return this.#size + Math.max(0, this.#entries.length - 1) + 2
  }

  /** What is shown, in order. */
  get objects(): readonly StateObject[] {
    return this.#entries.map(({ object }) => object)
  }

  apply(changes: readonly ValueChange[]): readonly string[] {
    return changes.flatMap((change) => this.#applyOne(change))
  }

  #applyOne({ path, object }: ValueChange): readonly string[] {
    const held = this.#byPath.get(path)
    const shown = object && this.#show(object)
    if (held === undefined) return shown === undefined ? [] : [this.#insert(shown)]
    if (shown === undefined) return [this.#remove(held)]
    if (held.object.created !== shown.created) return [this.#remove(held), this.#insert(shown)]
    const at = this.#placeOf(held.object)
    const patch = objectPatch(`/${at}`, held.object, shown)
    const size = sizeOf(shown)
    this.#size += size - held.size
    held.object = shown
    held.size = size
    return patch
  }

  #insert(object: StateObject): string {
    const entry = entryOf(object)
    const at = this.#placeOf(object)
    this.#entries.splice(at, 0, entry)
    this.#byPath.set(object.path, entry)
    this.#size += entry.size
    return added(`/${at}`, object.text)
  }

  #remove(entry: Entry): string {
    const at = this.#placeOf(entry.object)
    this.#entries.splice(at, 1)
    this.#byPath.delete(entry.object.path)
    this.#size -= entry.size
    return removed(`/${at}`)
  }

  /** Where it stands, or would stand. */
  #placeOf(object: StateObject): number {
    let [from, to] = [0, this.#entries.length]
    while (from < to) {
      const middle = (from + to) >> 1
      if (this.#compare((this.#entries[middle] as Entry).object, object) < 0) from = middle + 1
      else to = middle
    }
    return from
  }

  /** By creation; of equal times, newest first has paths in their order. */
  #compare(one: StateObject, other: StateObject): number {
    if (one.created !== other.created)
      return one.created < other.created ? -this.#direction : this.#direction
    if (one.path === other.path) return 0
    return one.path < other.path ? this.#direction : -this.#direction
  }
}

interface Entry {
  object: StateObject
  size: number
}

function entryOf(object: StateObject): Entry {
  return { object, size: sizeOf(object) }
}

function sizeOf(object: StateObject): number {
  return object.text.length
}
