import { expect } from 'vitest'
import { concurrent as areConcurrent, causalityOf } from '../../src/conflict/index.ts'
import type { EventStore } from '../../src/contracts/index.ts'
import { type EventId, encodeFrame, type LogEvent } from '../../src/event/index.ts'
import { Ancestors } from './ancestors.ts'
import type { Graph } from './graph.ts'
import { document, idOf, type Replayed } from './replay.ts'

/** Where each edit was written, it met exactly what its writer knew: no edit more, and none less. */
export function expectSameGraph(
  graph: Graph,
  edits: readonly Replayed[],
  ancestors: Ancestors = new Ancestors(graph),
): void {
  const wrong = graph.flatMap(({ parents }, at) => {
    const { event, before, after, position } = edits[at]!
    const recorded = textOf(parents.map(idOf))
    const isSame =
      textOf(event.parents) === recorded &&
      textOf(before) === recorded &&
      textOf(after) === event.id &&
      event.id === idOf(at) &&
      position === BigInt(ancestors.count(at) + 1)
    return isSame ? [] : [{ id: idOf(at), recorded, parents: textOf(event.parents), before, after }]
  })
  expect(wrong).toEqual([])
}

/** All nodes hold every edit, byte for byte as it was written, and see the graph's heads. */
export async function expectSameLogs(
  graph: Graph,
  edits: readonly Replayed[],
  nodes: readonly EventStore[],
): Promise<void> {
  const written = framesOf(edits.map(({ event }) => event))
  const named = new Set(graph.flatMap(({ parents }) => parents))
  const heads = graph.flatMap((_, at) => (named.has(at) ? [] : [idOf(at)]))
  for (const node of nodes) {
    expect(framesOf(await eventsOf(node)) === written).toBe(true)
    expect(textOf(await node.heads(document))).toBe(textOf(heads))
  }
}

/**
 * What the events of a log say is concurrent is what the graph says. Each edit is held against all that came
 * not long before, among them all that it is concurrent with; one of many also against all before those.
 */
export async function expectSameConcurrency(
  ancestors: Ancestors,
  node: EventStore,
): Promise<{ readonly pairs: number; readonly concurrent: number }> {
  const events = await eventsOf(node)
  const causality = causalityOf(events)
  const byId = new Map(events.map((event) => [event.id, event]))
  const walked = (one: EventId, other: EventId) =>
    areConcurrent(byId.get(one)!, byId.get(other)!, (id) => byId.get(id))
  const ids = Array.from({ length: ancestors.edits }, (_, at) => idOf(at))
  let [pairs, concurrent, inGraph] = [0, 0, 0]
  const wrong: string[] = []
  for (let at = 0; at < ids.length; at++) {
    inGraph += at - ancestors.count(at)
    for (let other = at % oneOf === 0 ? 0 : Math.max(0, at - near); other < at; other++) {
      const isConcurrent = !ancestors.has(at, other)
      pairs++
      if (isConcurrent) concurrent++
      if (causality.concurrent(ids[at]!, ids[other]!) !== isConcurrent)
        wrong.push(`${ids[at]} and ${ids[other]}`)
      if (at - other < nearby && walked(ids[at]!, ids[other]!) !== isConcurrent)
        wrong.push(`${ids[at]} and ${ids[other]}, walked`)
    }
  }
  expect(wrong.slice(0, 10)).toEqual([])
  expect(concurrent).toBe(inGraph)
  return { pairs, concurrent }
}

export async function eventsOf(store: EventStore): Promise<readonly LogEvent[]> {
  const { entries } = await store.entries({ count: 1_000_000, bytes: Number.MAX_SAFE_INTEGER })
  return entries.map(({ event }) => event)
}

function framesOf(events: readonly LogEvent[]): string {
  return events.map(encodeFrame).toSorted().join('')
}

function textOf(ids: readonly string[]): string {
  return ids.toSorted().join(' ')
}

// Every pair of 26,000 edits takes minutes.
const near = 500
const oneOf = 20
/** Walking takes longer. */
const nearby = 50
