import type { EventId } from '../event/index.ts'
import type { Runtime } from '../runtime/index.ts'
import type { Draft } from './draft.ts'
import { alteredEvent, type Item, type Member, memberText, type Put } from './item.ts'
import { behind, keyed, restOf } from './keyed.ts'
import { ownPlace, type Place } from './place.ts'
import type { LogReader } from './reading.ts'

/** Whose an event is. */
export interface Keyed {
  readonly key: string
  readonly item: Item
}

/** What came of looking at events again. */
export interface Moves {
  /** The key's events changed at this place. */
  removed(key: string, place: Place): void
  added(key: string, item: Item): void
}

/** Which events a key has, and which key an event has: only for those keys that the log itself can't tell. */
export class Members {
  readonly #draft: Draft
  readonly #runtime: Pick<Runtime, 'sha256'>

  constructor(draft: Draft, runtime: Pick<Runtime, 'sha256'>) {
    this.#draft = draft
    this.#runtime = runtime
  }

  /** These events now count as `items` says, those without an item not at all. */
  async settle(
    ids: readonly EventId[],
    items: ReadonlyMap<EventId, Keyed>,
    moves: Moves,
    signal: AbortSignal,
  ): Promise<void> {
    const puts = await this.#draft.get('ids', ids, signal)
    const added: Keyed[] = []
    for (const [at, id] of ids.entries()) {
      const text = puts[at]
      const now = items.get(id)
      const put = now && this.#put(now.key, now.item)
      if (put === text) continue
      if (text !== undefined) this.#remove(text, moves)
      this.#draft.put('ids', id, put ?? null)
      if (now !== undefined) added.push(now)
    }
    // Only now: one may take the place that another has left.
    await this.#evict(added, signal)
    for (const { key, item } of added) {
      this.#draft.put('members', keyed(key, item.place), memberText(item))
      moves.added(key, item)
    }
  }

  /** A key's events behind a place, in effective order. */
  async *after(
    key: string,
    place: Place,
    { store, chunk, signal }: { store: LogReader; chunk: number; signal: AbortSignal },
  ): AsyncGenerator<readonly Item[]> {
    for (let at = place; ; ) {
      const range = { ...behind(key, at), limit: chunk }
      const entries = await this.#draft.list('members', range, signal)
      const last = entries.at(-1)
      if (last === undefined) return
      at = restOf(key, last.key)
      const members = entries.map(({ value }) => JSON.parse(value) as Member)
      const events = await store.fetch(
        members.map(({ id }) => id),
        signal,
      )
      const byId = new Map(events.map((event) => [event.id, event]))
      yield entries.flatMap((entry, index): Item[] => {
        const { id, altered } = members[index] as Member
        const event = byId.get(id)
        // It has become a stub since; the log will say so.
        if (event === undefined || event.stub !== null) return []
        const place = restOf(key, entry.key)
        if (altered === undefined) return [{ place, event }]
        return [{ place, event: alteredEvent(event, altered), altered }]
      })
    }
  }

  /**
   * An event that moves in the log while it is read is missed by the look at its aggregate, and another takes its
   * place. It is new when the log comes to it; to remove it by the place it had would remove the other.
   */
  async #evict(added: readonly Keyed[], signal: AbortSignal): Promise<void> {
    // Its own place nobody else can have.
    const shared = added.filter(({ item }) => item.place !== ownPlace(item.event))
    if (shared.length === 0) return
    const places = shared.map(({ key, item }) => keyed(key, item.place))
    for (const text of await this.#draft.get('members', places, signal))
      if (text !== undefined) this.#draft.put('ids', (JSON.parse(text) as Member).id, null)
  }

  #put(key: string, { place, altered }: Item): string {
    const digest = altered === undefined ? '' : this.#runtime.sha256(altered)
    return JSON.stringify([key, place, digest] satisfies Put)
  }

  #remove(text: string, moves: Moves): void {
    const [key, place] = JSON.parse(text) as Put
    this.#draft.put('members', keyed(key, place), null)
    moves.removed(key, place)
  }
}
