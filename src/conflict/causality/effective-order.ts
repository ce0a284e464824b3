import type { LogEvent } from '../../event/index.ts'
import { Heap } from './heap.ts'
import { comparePlaces, placesIn } from './place.ts'

/**
 * Every event after its parents; of those that could come next, the first by stamp, origin and id. Parents
 * that are not among the events don't count. Takes each event once.
 */
export function effectiveOrder(events: readonly LogEvent[]): LogEvent[] {
  const sorted = events.toSorted(comparePlaces)
  // Writers stamp above what they build on, so this is nearly always the answer, and the cheap way to it.
  return isTopological(sorted) ? sorted : byKahn(sorted)
}

function isTopological(sorted: readonly LogEvent[]): boolean {
  if (isLine(sorted)) return true
  const places = placesIn(sorted)
  return sorted.every(({ parents }, place) =>
    parents.every((parent) => (places.get(parent) ?? -1) < place),
  )
}

/** Each event names the one before it, or nobody: known without looking anything up, and most often so. */
function isLine(sorted: readonly LogEvent[]): boolean {
  return sorted.every(({ parents }, place) => {
    const [parent] = parents
    return parent === undefined || (parents.length === 1 && parent === sorted[place - 1]?.id)
  })
}

/** Numbers stand for the events' places in `sorted`: comparing them compares stamp, origin and id. */
function byKahn(sorted: readonly LogEvent[]): LogEvent[] {
  const { children, waitsFor } = edges(sorted)
  const isPlaced = new Uint8Array(sorted.length)
  const ready = new Heap()
  waitsFor.forEach((count, at) => {
    if (count === 0) ready.push(at)
  })
  const ordered: LogEvent[] = []
  let first = 0
  while (ordered.length < sorted.length) {
    // Nothing is ready only where parents go round in a circle, which no honest writer makes: the first of
    // what is left breaks it, so that even then everybody comes to one order.
    while (isPlaced[first] === 1) first++
    const next = ready.pop() ?? first
    if (isPlaced[next] === 1) continue
    isPlaced[next] = 1
    ordered.push(sorted[next] as LogEvent)
    for (const child of children[next] ?? []) {
      const left = (waitsFor[child] as number) - 1
      waitsFor[child] = left
      if (left === 0) ready.push(child)
    }
  }
  return ordered
}

function edges(sorted: readonly LogEvent[]) {
  const places = placesIn(sorted)
  const children: (number[] | undefined)[] = new Array(sorted.length)
  const waitsFor = new Int32Array(sorted.length)
  sorted.forEach(({ id, parents }, place) => {
    for (const parent of new Set(parents)) {
      const at = places.get(parent)
      if (at === undefined || parent === id) continue
      children[at] ??= []
      children[at].push(place)
      waitsFor[place] = (waitsFor[place] as number) + 1
    }
  })
  return { children, waitsFor }
}
