import { coveredBySnapshots } from '../conflict/index.ts'
import type { EffectiveEvent } from '../contracts/index.ts'
import { RejoinError } from '../errors/index.ts'
import { type EventId, type LogEvent, type NewEvent, snapshotType } from '../event/index.ts'
import { aggregateEvents } from './aggregate-events.ts'
import { checkUnderstood } from './evolution.ts'
import type { NodeParts } from './node-parts.ts'
import type { EffectiveEventOf, EventMap } from './typed-events.ts'
import { at } from './where.ts'

/**
 * What an aggregate has come to, from its effective history; a snapshot before is the first of it. JSON, and pure:
 * called again when somebody else appended in between.
 */
export type SnapshotFold<Events extends EventMap> = (
  history: readonly EffectiveEventOf<Events>[],
  options: { readonly signal?: AbortSignal },
) => unknown

export interface SnapshotOptions {
  /** Of the snapshot, for filters that look at it. */
  readonly metadata?: Readonly<Record<string, unknown>>
  readonly signal?: AbortSignal
}

/** A snapshot, and after how many tries. */
export interface Snapshot {
  readonly event: LogEvent
  /** 0: nothing has happened since this one was taken. */
  readonly tries: number
}

/** What it takes in was settled where the node was typed. */
type AnyFold = (history: never, options: { readonly signal?: AbortSignal }) => unknown
type Parts = Pick<NodeParts, 'store' | 'meaning' | 'validation'>

/** See `SyncNode.snapshot`. */
export async function takeSnapshot(
  aggregateId: string,
  fold: AnyFold,
  { metadata, ...options }: SnapshotOptions,
  { store, meaning, validation }: Parts,
): Promise<Snapshot> {
  const { signal } = options
  for (let tries = 1; tries <= mostTries; tries++) {
    // Heads first: what is appended while the history is read makes the append stale, never wrong.
    const heads = await store.heads(aggregateId, signal)
    const all = await aggregateEvents(store, aggregateId, signal)
    checkWhole(aggregateId, heads, all)
    const { events } = meaning.historyOf(all)
    checkUnderstood(events.map(({ event }) => event))
    const last = untouched(events, heads)
    if (last !== undefined) return { event: last, tries: 0 }
    const data = await fold(events as never, options)
    const given: NewEvent = { type: snapshotType, aggregateId, data, ...(metadata && { metadata }) }
    const written = meaning.evolution.written([given])
    const checked = validation ? await validation.checked(written, signal) : written
    const answer = await store.append(checked, { ...options, expected: heads })
    if (answer.kind === 'appended')
      return { event: meaning.read(answer.events[0] as LogEvent), tries }
  }
  throw new RejoinError('unsettled', `others kept appending to ${aggregateId}`, {
    ...at('snapshot'),
    details: { aggregateId, tries: mostTries },
  })
}

/** A snapshot replaces its ancestors everywhere, so it must not be made without some of them. */
function checkWhole(
  aggregateId: string,
  heads: readonly EventId[],
  all: readonly LogEvent[],
): void {
  if (heads.length === 0)
    throw refusal(aggregateId, 'has no events that a snapshot could stand for')
  const covered = coveredBySnapshots(all)
  const full = new Set(all.flatMap(({ id, stub }) => (stub === null ? [id] : [])))
  const linked = new Set(all.flatMap(({ id, origin }) => (origin === null ? [] : [id])))
  for (const { id, stub } of all) {
    if (covered.has(id)) continue
    if (stub !== null && stub !== 'erased' && !full.has(id))
      throw refusal(aggregateId, `has events whose content is ${stub} here, such as ${id}`)
    if (!linked.has(id))
      throw refusal(aggregateId, `has events without causality, which nobody can tell apart: ${id}`)
  }
}

function untouched(
  events: readonly EffectiveEvent[],
  heads: readonly EventId[],
): LogEvent | undefined {
  const [only] = events
  const isLast = events.length === 1 && heads.length === 1 && only?.event.id === heads[0]
  return isLast && only?.type === snapshotType ? only.event : undefined
}

function refusal(aggregateId: string, why: string): RejoinError {
  return new RejoinError('invalid_argument', `no snapshot can be taken: ${aggregateId} ${why}`, {
    ...at('snapshot'),
    details: { aggregateId },
  })
}

const mostTries = 10
