import type { EventId, LogEvent } from '../event/index.ts'
import type { Draft } from './draft.ts'

/**
 * What has to be remembered of aggregates, to know which new events change nothing about older ones: those
 * that come after all others, and where nothing is resolved also those that come in between.
 */
export class AggregateStates {
  readonly #draft: Draft
  readonly #resolves: boolean
  readonly #mergesMatter: boolean
  readonly #states = new Map<string, State>()
  #foreign: boolean

  /**
   * `resolves`: conflicts may change what counts. `foreign`: there may be events without causality. `mergesMatter`:
   * so does who has seen all branches.
   */
  constructor(draft: Draft, resolves: boolean, foreign: boolean, mergesMatter = false) {
    this.#draft = draft
    this.#resolves = resolves
    this.#mergesMatter = mergesMatter
    this.#foreign = foreign
  }

  get foreign(): boolean {
    return this.#foreign
  }

  /** Makes the other calls know these aggregates, as these events find them. */
  async load(
    names: readonly string[],
    events: readonly LogEvent[],
    signal: AbortSignal,
  ): Promise<void> {
    this.#states.clear()
    this.#foreign ||= events.some((event) => event.origin === null)
    if (!this.#resolves && !this.#foreign) return
    const texts = await this.#draft.get('aggregates', names, signal)
    names.forEach((name, at) => {
      const text = texts[at]
      if (text !== undefined) this.#states.set(name, JSON.parse(text) as State)
    })
  }

  /** Notes these events; whether each of them has its own place and leaves all others as they are. */
  takeIn(aggregateId: string, events: readonly LogEvent[]): boolean {
    const before = this.#states.get(aggregateId) ?? empty
    const some = events.some((event) => event.origin === null)
    const all = some && events.every((event) => event.origin === null)
    const foreign = before.foreign || some
    const heads = this.#resolves ? headsAfter(before.heads, events) : none
    this.#set(aggregateId, { foreign, heads })
    // Among others it may stand before a conflict, and change what that is resolved on.
    if (all) return !this.#resolves || before.heads.length === 0
    if (this.#mergesMatter && before.heads.length > 1) return false
    return !foreign && (!this.#resolves || isChain(before.heads, events))
  }

  /** All its events, as far as the projection has come. */
  settle(aggregateId: string, events: readonly LogEvent[]): void {
    if (!this.#resolves) return
    const named = new Set(events.flatMap((event) => event.parents))
    const heads = events.filter(({ id, origin }) => origin !== null && !named.has(id))
    const { foreign } = this.#states.get(aggregateId) ?? empty
    this.#set(aggregateId, { foreign, heads: heads.map(({ id }) => id) })
  }

  /** Its events don't all stand where their stamps say. */
  isTangled(aggregateId: string): boolean {
    return this.#states.get(aggregateId)?.foreign ?? false
  }

  #set(aggregateId: string, state: State): void {
    const before = this.#states.get(aggregateId) ?? empty
    if (state.foreign === before.foreign && sameIds(state.heads, before.heads)) return
    this.#states.set(aggregateId, state)
    this.#draft.put('aggregates', aggregateId, JSON.stringify(state))
  }
}

interface State {
  readonly foreign: boolean
  /** As far as the projection has come; kept only where conflicts are resolved. */
  readonly heads: readonly EventId[]
}

const none: readonly EventId[] = []
const empty: State = { foreign: false, heads: none }

/** Each event has seen all that came before it. */
function isChain(heads: readonly EventId[], events: readonly LogEvent[]): boolean {
  let last = heads
  return events.every((event) => {
    const sawAll = last.every((head) => event.parents.includes(head)) && !last.includes(event.id)
    last = [event.id]
    return sawAll
  })
}

/** At least the heads: what is met again, because it was filled, counts as one until `settle`. */
function headsAfter(before: readonly EventId[], events: readonly LogEvent[]): readonly EventId[] {
  let heads = before
  for (const { id, origin, parents } of events) {
    if (origin === null) continue
    heads = [...heads.filter((head) => head !== id && !parents.includes(head)), id]
  }
  return heads
}

function sameIds(one: readonly EventId[], other: readonly EventId[]): boolean {
  return one.length === other.length && one.every((id, at) => id === other[at])
}
