import type { EventId } from '../../event/index.ts'
import type { Position } from '../../version/index.ts'
import type { FirstPlace, ScanRange } from '../log/index.ts'

/** Where events stood before they took their header on. */
export class FirstPlaces {
  readonly #byId = new Map<EventId, Position>()
  /** By position. */
  readonly #places: FirstPlace[] = []

  of(id: EventId): Position | undefined {
    return this.#byId.get(id)
  }

  *scan({ after, until }: Pick<ScanRange, 'after' | 'until'>): Iterable<FirstPlace> {
    for (let at = this.#indexAfter(after); at < this.#places.length; at++) {
      const place = this.#places[at] as FirstPlace
      if (place.position > until) return
      yield place
    }
  }

  keep(place: FirstPlace): void {
    this.#byId.set(place.id, place.position)
    this.#places.splice(this.#indexAfter(place.position), 0, place)
  }

  #indexAfter(position: Position): number {
    let low = 0
    let high = this.#places.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#places[middle] as FirstPlace).position <= position) low = middle + 1
      else high = middle
    }
    return low
  }
}
