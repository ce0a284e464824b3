import type { Stamp } from '../../../clock/index.ts'
import {
  contentHash,
  type EventId,
  LogEvent,
  type LogEventInit,
  type Origin,
} from '../../../event/index.ts'
import { systemRuntime } from '../../../runtime/index.ts'

/** A writer somewhere else: its events as they arrive over a link. */
export interface Writer {
  readonly origin: Origin
  /** Its next event, by default in aggregate `a`, without parents. */
  write(event?: Partial<Written>): LogEvent
}

export interface Written {
  readonly id: string
  readonly aggregateId: string
  readonly type: string
  readonly parents: readonly LogEvent[]
  readonly dataText: string
  readonly metadataText: string
  readonly sequence: bigint
  readonly stamp: bigint
}

export function writer(name = 'there', wall = 1_777_636_800_000): Writer {
  const origin = `${name}~0123456789abcdef` as Origin
  let sequence = 0n
  let stamp = BigInt(wall) * 1_000_000n
  return {
    origin,
    write(event = {}) {
      sequence = event.sequence ?? sequence + 1n
      stamp = event.stamp ?? stamp + 1n
      return eventOf({
        id: event.id ?? `${name}-${sequence}`,
        origin,
        sequence,
        stamp,
        parents: (event.parents ?? []).map((parent) => parent.id),
        aggregateId: event.aggregateId ?? 'a',
        type: event.type ?? 'noted',
        dataText: event.dataText ?? `{"n":${sequence}}`,
        metadataText: event.metadataText ?? '',
      })
    },
  }
}

/** An event without causality, as compat clients and Go servers send it. */
export function unlinkedEvent(id: string, aggregateId = 'a'): LogEvent {
  return eventOf({
    id,
    origin: null,
    sequence: 0n,
    stamp: 0n,
    parents: [],
    aggregateId,
    type: 'noted',
    dataText: '{}',
    metadataText: '',
  })
}

/** An event with the hash its content has. */
export function eventOf(init: Content): LogEvent {
  const whole = { schemaVersion: 1, ...init, id: init.id as EventId, stamp: init.stamp as Stamp }
  return new LogEvent({ ...whole, hash: contentHash(whole, systemRuntime), stub: null })
}

/** The event's place in the log without its content. */
export function stubOf(
  event: LogEvent,
  stub: NonNullable<LogEvent['stub']> = 'withheld',
): LogEvent {
  const { id, origin, sequence, stamp, parents, aggregateId, schemaVersion, hash } = event
  const place = { id, origin, sequence, stamp, parents, aggregateId, schemaVersion, hash }
  return new LogEvent({ ...place, type: '', metadataText: '', dataText: '', stub })
}

/** The same fact under another header. */
export function altered(event: LogEvent, change: Partial<LogEventInit>): LogEvent {
  return new LogEvent({ ...event, ...change })
}

type Content = Omit<
  LogEventInit,
  'id' | 'stamp' | 'hash' | 'stub' | 'schemaVersion' | 'parents'
> & {
  readonly id: string
  readonly stamp: bigint
  readonly parents: readonly EventId[]
}
