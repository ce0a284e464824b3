import type { Parked } from '../../contracts/index.ts'
import { RejoinError } from '../../errors/index.ts'
import {
  decodeFrames,
  type EventId,
  type EventLimits,
  encodeEndLine,
  encodeFrame,
  type LinkId,
  LogEvent,
} from '../../event/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import type { LineageMark, Position } from '../../version/index.ts'
import type { FirstPlace, KeptOrphan, LinkRow, LogMeta, ReaderRow, Row } from '../log/index.ts'

/**
 * Where a memory store's commits become durable, if anywhere: one line of text a commit. A commit is
 * acknowledged when `append` resolves; a record that was cut short must not come back from `records`.
 */
export interface Journal {
  /** The complete records, in order, as found at open. */
  records(): Promise<readonly string[]>
  append(record: string): Promise<void>
  /**
   * Puts other records in place of all, wholly or not at all; the former ones must be gone from wherever they
   * were. Called after an erasure. Absent: what is erased stays in the records that told of it.
   */
  replace?(records: readonly string[]): Promise<void>
  close(): Promise<void>
}

/** What one commit changed. */
export interface Commit {
  meta: LogMeta
  readonly rows: { readonly row: Row; readonly from: Position | null }[]
  readonly links: Map<LinkId, LinkRow>
  readonly readers: Map<LinkId, ReaderRow>
  readonly parked: Map<LinkId, readonly Parked[]>
  readonly marks: LineageMark[]
  /** `null`: no longer kept. */
  readonly orphans: Map<EventId, KeptOrphan | null>
  readonly firstPlaces: FirstPlace[]
}

export function encodeCommit(commit: Commit): string {
  const { meta, rows } = commit
  return JSON.stringify({
    meta: {
      ...meta,
      sequence: String(meta.sequence),
      position: String(meta.position),
      clock: String(meta.clock),
      events: String(meta.events),
      moved: String(meta.moved),
      clashes: String(meta.clashes),
      erased: String(meta.erased),
    },
    rows: rows.map(({ row, from }) => [
      String(row.position),
      row.via,
      from === null ? null : String(from),
    ]),
    frames: rows.map(({ row }) => encodeFrame(row.event)).join(''),
    links: [...commit.links],
    parked: [...commit.parked],
    ...(commit.readers.size > 0 && {
      readers: [...commit.readers].map(([id, { upTo, heard }]) => [id, String(upTo), heard]),
    }),
    marks: commit.marks.map(({ mark, first }) => [mark, String(first)]),
    ...(commit.orphans.size > 0 && { orphans: [...commit.orphans].map(encodeOrphan) }),
    ...(commit.firstPlaces.length > 0 && {
      firstPlaces: commit.firstPlaces.map(({ id, position }) => [id, String(position)]),
    }),
  })
}

export function decodeCommit(record: string, runtime: Pick<Runtime, 'sha256'>): Commit {
  const parsed = JSON.parse(record) as EncodedCommit
  const { meta } = parsed
  const { events } = decodeFrames(parsed.frames + encodeEndLine({}), anySize, runtime)
  return {
    meta: {
      ...meta,
      sequence: BigInt(meta.sequence),
      position: BigInt(meta.position) as Position,
      clock: BigInt(meta.clock),
      events: BigInt(meta.events),
      moved: BigInt(meta.moved),
      clashes: BigInt(meta.clashes),
      erased: BigInt(meta.erased ?? 0),
    },
    rows: parsed.rows.map(([position, via, from], at) => ({
      row: { position: BigInt(position) as Position, event: eventAt(events, at), via },
      from: from === null ? null : (BigInt(from) as Position),
    })),
    links: new Map(parsed.links),
    parked: new Map(parsed.parked),
    readers: new Map(
      parsed.readers?.map(([id, upTo, heard]) => [id, { upTo: BigInt(upTo) as Position, heard }]),
    ),
    marks: parsed.marks.map(([mark, first]) => ({ mark, first: BigInt(first) as Position })),
    orphans: new Map(parsed.orphans?.map((one) => decodeOrphan(one, runtime))),
    firstPlaces: (parsed.firstPlaces ?? []).map(([id, position]) => ({
      id,
      position: BigInt(position) as Position,
    })),
  }
}

function encodeOrphan([id, kept]: readonly [EventId, KeptOrphan | null]): EncodedOrphan {
  return kept === null ? [id] : [id, kept.parent, encodeFrame(kept.orphan)]
}

function decodeOrphan(
  [id, parent, frame]: EncodedOrphan,
  runtime: Pick<Runtime, 'sha256'>,
): readonly [EventId, KeptOrphan | null] {
  if (parent === undefined) return [id, null]
  const { events } = decodeFrames(frame + encodeEndLine({}), anySize, runtime)
  return [id, { orphan: eventAt(events, 0), parent }]
}

function eventAt(events: readonly unknown[], at: number): LogEvent {
  const event = events[at]
  if (event instanceof LogEvent) return event
  throw new RejoinError('storage_damaged', 'the journal holds an event that breaks a rule', {
    operation: 'open',
    component: 'store/memory',
  })
}

type Numbers = 'sequence' | 'position' | 'clock' | 'events' | 'moved' | 'clashes' | 'erased'

interface EncodedCommit {
  readonly meta: Omit<LogMeta, Numbers> & Record<Numbers, string>
  readonly rows: readonly (readonly [string, number | null, string | null])[]
  readonly frames: string
  readonly links: readonly (readonly [LinkId, LinkRow])[]
  readonly parked: readonly (readonly [LinkId, readonly Parked[]])[]
  readonly readers?: readonly (readonly [LinkId, string, number])[]
  readonly marks: readonly (readonly [string, string])[]
  readonly orphans?: readonly EncodedOrphan[]
  readonly firstPlaces?: readonly (readonly [EventId, string])[]
}

type EncodedOrphan = readonly [id: EventId] | readonly [id: EventId, parent: EventId, frame: string]

/** Limits are for entrances: what was accepted once is read again, whatever they are today. */
const anySize: EventLimits = {
  eventBytes: Number.POSITIVE_INFINITY,
  idBytes: Number.POSITIVE_INFINITY,
  jsonDepth: Number.POSITIVE_INFINITY,
}
