import { type EventId, isSnapshot, type LogEvent, snapshotType } from '../event/index.ts'
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
   * `resolves`: conflicts may change what counts. `foreign`: there may be events without causality, or snapshots.
   * `mergesMatter`: so does who has seen all branches.
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
    this.#foreign ||= events.some(({ origin, type }) => origin === null || type === snapshotType)
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
    const brings = events.some(isSnapshot)
    const snapshot = brings || before.snapshot
    const cares = this.#resolves || snapshot
    const heads = cares ? headsAfter(before.heads, events) : none
    this.#set(aggregateId, { foreign, heads, ...(snapshot && ({ snapshot: true } as const)) })
    // It takes the place of what it covers.
    if (brings) return false
    // Among others it may stand before a conflict, and change what that is resolved on.
    if (all) return !cares || before.heads.length === 0
    if (this.#mergesMatter && before.heads.length > 1) return false
    return !foreign && (!cares || isChain(before.heads, events))
  }

  /** All its events, as far as the projection has come. */
  settle(aggregateId: string, events: readonly LogEvent[]): void {
    const { foreign, snapshot } = this.#states.get(aggregateId) ?? empty
    if (!this.#resolves && !snapshot) return
    const named = new Set(events.flatMap((event) => event.parents))
    const heads = events.filter(({ id, origin }) => origin !== null && !named.has(id))
    const ids = heads.map(({ id }) => id)
    this.#set(aggregateId, { foreign, heads: ids, ...(snapshot && ({ snapshot: true } as const)) })
  }

  /** Its events don't all stand where their stamps say. */
  isTangled(aggregateId: string): boolean {
    const { foreign, snapshot = false } = this.#states.get(aggregateId) ?? empty
    return foreign || snapshot
  }

  #set(aggregateId: string, state: State): void {
    const before = this.#states.get(aggregateId) ?? empty
    const isSame = state.foreign === before.foreign && state.snapshot === before.snapshot
    if (isSame && sameIds(state.heads, before.heads)) return
    this.#states.set(aggregateId, state)
    this.#draft.put('aggregates', aggregateId, JSON.stringify(state))
  }
}

interface State {
  readonly foreign: boolean
  /** As far as the projection has come; kept only where conflicts are resolved, or snapshots cover events. */
  readonly heads: readonly EventId[]
  /** It has a snapshot, or had one. */
  readonly snapshot?: true
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
