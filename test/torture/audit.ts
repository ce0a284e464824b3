import { expect } from 'vitest'
import type { Entry, EventStore } from '../../src/contracts/index.ts'
import { contentHash, type EventId, type LogEvent, type Origin } from '../../src/event/index.ts'
import { systemRuntime } from '../../src/runtime/index.ts'
import type { Position } from '../../src/version/index.ts'

/** Every entry of a log, in order. */
export async function entriesOf(store: EventStore): Promise<readonly Entry[]> {
  const entries: Entry[] = []
  for (let after = 0n as Position, more = true; more; ) {
    const page = await store.entries({ after })
    entries.push(...page.entries)
    ;({ next: after, more } = page)
  }
  return entries
}

/**
 * Reads a whole log and holds everything it says about itself against a brute-force reckoning. Answers
 * with its entries. For logs in which no entry was ever moved.
 */
export async function audit(store: EventStore): Promise<readonly Entry[]> {
  const entries = await entriesOf(store)
  const problems = [
    ...(await status(store, entries)),
    ...placed(entries),
    ...linked(entries),
    ...(await headed(store, entries)),
    ...(await counted(store, entries)),
  ]
  expect(problems.slice(0, 10), `${problems.length} problems`).toEqual([])
  return entries
}

/** What came by an append named in its metadata is there in one piece, and in order. */
export function brokenBatches(entries: readonly Entry[]): readonly string[] {
  const problems: string[] = []
  let open: BatchPlace | undefined
  for (const { event } of entries) {
    const place = event.metadata as Partial<BatchPlace>
    if (place.batch === undefined) continue
    const expected = open ?? { ...place, index: 0 }
    problems.push(
      ...differ(`place of ${event.id}`, JSON.stringify(place), JSON.stringify(expected)),
    )
    const { batch, size = 0, index = 0 } = place
    open = index + 1 < size ? { batch, size, index: index + 1 } : undefined
  }
  if (open !== undefined) problems.push(`the log ends within batch ${open.batch}`)
  return problems
}

async function status(store: EventStore, entries: readonly Entry[]): Promise<readonly string[]> {
  const { events, aggregates, position, clashes } = await store.status()
  const names = new Set(entries.map(({ event }) => event.aggregateId))
  return [
    ...differ('events in the status', events, BigInt(entries.length)),
    ...differ('aggregates in the status', aggregates, BigInt(names.size)),
    ...differ('position in the status', position, entries.at(-1)?.position ?? 0n),
    ...differ('clashes', clashes, 0n),
  ]
}

/** Positions dense; ids unique; per origin: sequences dense, stamps increasing; contents as hashed. */
function placed(entries: readonly Entry[]): readonly string[] {
  const problems: string[] = []
  const ids = new Set<EventId>()
  const last = new Map<Origin, LogEvent>()
  entries.forEach(({ position, event }, at) => {
    const name = `event ${event.id} at ${position}`
    problems.push(...differ(`${name}: position`, position, BigInt(at + 1)))
    if (ids.size === ids.add(event.id).size) problems.push(`${name}: its id is there twice`)
    problems.push(...differ(`${name}: hash`, event.hash, contentHash(event, systemRuntime)))
    if (event.origin === null) return
    const before = last.get(event.origin)
    problems.push(...differ(`${name}: sequence`, event.sequence, (before?.sequence ?? 0n) + 1n))
    if (before !== undefined && event.stamp <= before.stamp)
      problems.push(`${name}: stamp ${event.stamp} after ${before.stamp}`)
    last.set(event.origin, event)
  })
  return problems
}

/** Parents stand before their children, in the same aggregate, with smaller stamps. */
function linked(entries: readonly Entry[]): readonly string[] {
  const problems: string[] = []
  const known = new Map<EventId, LogEvent>()
  for (const { event } of entries) {
    for (const id of event.parents) {
      const parent = known.get(id)
      if (parent === undefined) problems.push(`parent ${id} of ${event.id} is not before it`)
      else if (parent.aggregateId !== event.aggregateId || parent.stamp >= event.stamp)
        problems.push(`${id} can't be a parent of ${event.id}`)
    }
    known.set(event.id, event)
  }
  return problems
}

async function headed(store: EventStore, entries: readonly Entry[]): Promise<readonly string[]> {
  const heads = new Map<string, Set<EventId>>()
  for (const { event } of entries) {
    const ofAggregate = heads.get(event.aggregateId) ?? new Set()
    for (const parent of event.parents) ofAggregate.delete(parent)
    heads.set(event.aggregateId, ofAggregate.add(event.id))
  }
  const problems: string[] = []
  for (const [aggregateId, expected] of heads) {
    const found = (await store.heads(aggregateId)).toSorted()
    problems.push(...differ(`heads of ${aggregateId}`, String(found), String([...expected].sort())))
  }
  return problems
}

/** What the log would tell a peer about each origin. */
async function counted(store: EventStore, entries: readonly Entry[]): Promise<readonly string[]> {
  const problems: string[] = []
  const last = new Map<Origin, LogEvent>()
  for (const { event } of entries) if (event.origin !== null) last.set(event.origin, event)
  for (const [origin, event] of last) {
    const { sequence, ids } = await store.knowledge(origin)
    problems.push(
      ...differ(`known of ${origin}`, `${sequence} ${ids}`, `${event.sequence} ${event.id}`),
    )
  }
  return problems
}

/** The metadata of an event in an append of several. */
export interface BatchPlace {
  readonly batch: string
  readonly size: number
  readonly index: number
}

function differ<T>(what: string, found: T, expected: T): readonly string[] {
  return found === expected ? [] : [`${what}: ${found} instead of ${expected}`]
}
