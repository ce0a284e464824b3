import type { Item } from './item.ts'
import type { Moves } from './members.ts'
import type { Place } from './place.ts'
import { compareTexts } from './text-order.ts'

/** What a page of the log changes about one key. */
export interface TouchedKey {
  /** The first place at which something changed. */
  readonly from: Place | undefined
  /** New events, in effective order. */
  readonly items: readonly Item[]
}

/** The keys that a page of the log changes. */
export class Touched implements Moves {
  readonly #keys = new Map<string, Changes>()

  removed(key: string, place: Place): void {
    const changes = this.#of(key)
    changes.from = least(changes.from, place)
  }

  added(key: string, item: Item): void {
    const changes = this.#of(key)
    changes.from = least(changes.from, item.place)
    changes.added.push(item)
  }

  keys(): Iterable<string> {
    return this.#keys.keys()
  }

  *[Symbol.iterator](): Iterator<readonly [string, TouchedKey]> {
    for (const [key, { from, added }] of this.#keys) yield [key, { from, items: inOrder(added) }]
  }

  #of(key: string): Changes {
    const known = this.#keys.get(key)
    if (known !== undefined) return known
    const changes: Changes = { from: undefined, added: [] }
    this.#keys.set(key, changes)
    return changes
  }
}

interface Changes {
  from: Place | undefined
  readonly added: Item[]
}

function least(one: Place | undefined, other: Place): Place {
  return one !== undefined && compareTexts(one, other) <= 0 ? one : other
}

/** Each once: a page may bring an event twice. */
function inOrder(items: readonly Item[]): readonly Item[] {
  if (items.length < 2) return items
  const sorted = items.toSorted((one, other) => compareTexts(one.place, other.place))
  return sorted.filter((item, at) => item.place !== sorted[at - 1]?.place)
}
