import type { Stamp } from '../../src/clock/index.ts'
import type { Batch } from '../../src/contracts/index.ts'
import { contentHash, type EventId, LogEvent, type Origin } from '../../src/event/index.ts'
import { systemRuntime } from '../../src/runtime/index.ts'
import {
  type Cursor,
  cursorOf,
  type Position,
  parseCursor,
  start,
} from '../../src/version/index.ts'

/** Another node, whose log is a function of the sequence. It writes concurrently with itself. */
export const peer = 'peer~0123456789abcdef' as Origin

/** What a pull from the peer brings that has pulled up to `after` so far. */
export function pulledBatch(after: number, count: number): Batch<LogEvent> {
  return {
    via: peer,
    role: 'pulled',
    changes: Array.from({ length: count }, (_, at) => peerEvent(after + at + 1)),
    expects: peerCursor(after),
    cursor: peerCursor(after + count),
  }
}

/** The last sequence that a cursor of the peer's log covers. */
export function coveredBy(cursor: Cursor): number {
  return cursor === start ? 0 : Number(parseCursor(cursor)?.position)
}

export function peerEvent(sequence: number): LogEvent {
  const content = {
    id: `peer/${sequence}` as EventId,
    type: 'told',
    aggregateId: `shared-${sequence % aggregates}`,
    schemaVersion: 1,
    metadataText: '',
    dataText: JSON.stringify({ sequence }),
  }
  // Every fifth leaves its elder sister out, and so becomes a second head.
  const parent = sequence - aggregates * (sequence % 5 === 0 ? 2 : 1)
  return new LogEvent({
    ...content,
    origin: peer,
    sequence: BigInt(sequence),
    stamp: (1_700_000_000_000_000_000n + BigInt(sequence)) as Stamp,
    parents: parent > 0 ? [`peer/${parent}` as EventId] : [],
    hash: contentHash(content, systemRuntime),
    stub: null,
  })
}

function peerCursor(sequence: number): Cursor {
  if (sequence === 0) return start
  return cursorOf({ mark: 'peers-first-mark', position: BigInt(sequence) as Position, filter: '' })
}

const aggregates = 3
