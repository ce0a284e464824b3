import type { Entry, EventStore } from '../../contracts/index.ts'
import { compactedOf, type EventId, encodeFrame, type LogEvent } from '../../event/index.ts'
import { allEntries } from './probe.ts'

/** All of one node's log, read at one moment. */
export interface Snapshot {
  readonly node: string
  readonly entries: readonly Entry[]
  readonly events: ReadonlyMap<EventId, LogEvent>
  readonly heads: ReadonlyMap<string, readonly EventId[]>
}

export async function snapshotOf(node: string, store: EventStore): Promise<Snapshot> {
  const entries = await allEntries(store)
  const events = new Map(entries.map(({ event }) => [event.id, event]))
  const heads = new Map<string, readonly EventId[]>()
  for (const { aggregateId } of events.values())
    if (!heads.has(aggregateId)) heads.set(aggregateId, await store.heads(aggregateId))
  return { node, entries, events, heads }
}

/** Positions increase and each id stands at one of them. */
export function orderProblem({ entries, events }: Snapshot): string | undefined {
  for (let at = 1; at < entries.length; at++) {
    const [before, entry] = [entries[at - 1] as Entry, entries[at] as Entry]
    if (entry.position <= before.position)
      return `position ${entry.position} follows ${before.position}`
  }
  return entries.length === events.size ? undefined : 'an id stands at two positions'
}

/** Parents are known, in the same aggregate, and stamped earlier; and heads are what nobody names. */
export function causalProblem({ events, heads }: Snapshot): string | undefined {
  const named = new Set<EventId>()
  for (const event of events.values()) {
    for (const id of event.parents) {
      named.add(id)
      const parent = events.get(id)
      if (parent === undefined) return `${event.id} has an unknown parent ${id}`
      if (parent.aggregateId !== event.aggregateId) return `${event.id} has a parent elsewhere`
      if (parent.stamp >= event.stamp) return `${event.id} is not stamped after ${id}`
    }
  }
  for (const [aggregateId, found] of heads) {
    const real = [...events.values()].filter(
      (event) => event.aggregateId === aggregateId && !named.has(event.id),
    )
    const [one, other] = [found, real.map((event) => event.id)].map((ids) => [...ids].sort().join())
    if (one !== other) return `heads of ${aggregateId} are ${one}, should be ${other}`
  }
  return undefined
}

/** An origin counts its events from 1, without gaps, each once. */
export function sequenceProblem({ events }: Snapshot): string | undefined {
  const origins = new Map<string, bigint[]>()
  for (const { origin, sequence } of events.values()) {
    if (origin === null) return 'an event has no origin'
    origins.set(origin, [...(origins.get(origin) ?? []), sequence])
  }
  for (const [origin, sequences] of origins) {
    const distinct = new Set(sequences)
    if (distinct.size < sequences.length) return `${origin} gave a sequence twice`
    for (let next = 1n; next <= BigInt(distinct.size); next++)
      if (!distinct.has(next)) return `${origin} has no event ${next} of ${distinct.size}`
  }
  return undefined
}

/** S1: the same set of events, byte for byte, but for content that one of them has compacted. */
export function difference(one: Snapshot, other: Snapshot): string | undefined {
  for (const [a, b] of [
    [one, other],
    [other, one],
  ] as const)
    for (const [id, event] of a.events) {
      const same = b.events.get(id)
      if (same === undefined) return `${a.node} has ${id}, ${b.node} has not`
      if (!isSame(same, event)) return `${id} differs at ${a.node} and ${b.node}`
    }
  return undefined
}

/** S3: what was meant once is there once, and nothing comes from nowhere. */
export function repeatProblem({ events }: Snapshot, numbersGiven: number): string | undefined {
  const seen = new Map<number, EventId>()
  for (const event of events.values()) {
    if (event.stub !== null) continue
    const { number } = event.data as { number?: number }
    if (number === undefined || number > numbersGiven) return `nobody appended ${event.id}`
    const twin = seen.get(number)
    if (twin !== undefined) return `${event.id} is ${twin} once more`
    seen.set(number, event.id)
  }
  return undefined
}

function isSame(one: LogEvent, other: LogEvent): boolean {
  const stubs = [one.stub, other.stub]
  const left = stubs.includes('compacted') && !stubs.includes('erased') ? compactedOf : whole
  return encodeFrame(left(one)) === encodeFrame(left(other))
}

function whole(event: LogEvent): LogEvent {
  return event
}
