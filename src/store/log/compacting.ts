import { type Stamp, stampOf } from '../../clock/index.ts'
import type {
  Compacted,
  CompactionKept,
  CompactOptions,
  Entries,
  ReadRange,
} from '../../contracts/index.ts'
import { snapshotType } from '../../event/index.ts'
import type { Position } from '../../version/index.ts'
import {
  aggregatesWithParked,
  compactedAtOnce,
  compactSlice,
  type Limit,
  limitsOf,
} from './compact.ts'
import { type Plan, type PlannedRow, plannedRow, planOf } from './compaction-plan.ts'
import type { LogContext } from './context.ts'

/** The log that is compacted, as a store offers it. */
export interface CompactedLog {
  read<T>(work: (log: LogContext) => T): Promise<T>
  write<T>(work: (log: LogContext) => T): Promise<T>
  entries(range: ReadRange): Promise<Entries>
}

/** Goes through the log and compacts one aggregate after the other. See `EventStore.compact`. */
export async function compactLog(log: CompactedLog, options: CompactOptions): Promise<Compacted> {
  const { olderThan = thirtyDays, silence = thirtyDays } = options
  const { leaveBehind = [], readers = [], onProgress, signal } = options
  const left = new Set(leaveBehind)
  const { end, youngFrom, limits, parked } = await log.read((context) => ({
    end: context.tables.meta.position,
    youngFrom: tooYoungFrom(context.runtime.now(), olderThan),
    limits: limitsOf(context, silence, left),
    parked: aggregatesWithParked(context.tables),
  }))
  const before = options.before !== undefined && options.before < end ? options.before : end
  const others = readers.filter(({ name }) => !left.has(name))
  const all: readonly Limit[] = [
    ...limits,
    ...others.map(({ name, upTo }): Limit => ({ reason: 'behind', name, upTo })),
  ]
  const until = all.reduce((least, { upTo }) => (upTo < least ? upTo : least), before)
  const held = new Map<string, string>(parked)
  for (const { name, holds = [] } of others) for (const id of holds) held.set(id, name)

  const done = { compacted: 0, bytes: 0, aggregates: 0 }
  const kept = new Kept(all, before)
  const range = options.aggregateId === undefined ? {} : { aggregateId: options.aggregateId }
  for await (const { aggregateId, upTo } of aggregatesWithSnapshots(log, range, end)) {
    signal?.throwIfAborted()
    const rows = await rowsOf(log, aggregateId)
    const holder = held.get(aggregateId)
    const plan = planOf(rows, { until, youngFrom })
    kept.note(plan, aggregateId)
    if (plan.ids.length > 0 && holder !== undefined)
      kept.add({ reason: 'parked', name: holder }, aggregateId)
    else if (plan.ids.length > 0) {
      const part = await compactAll(log, plan, until)
      done.compacted += part.compacted
      done.bytes += part.bytes
      done.aggregates++
    }
    onProgress?.({ compacted: done.compacted, done: Number(upTo), total: Number(end) })
  }
  return { ...done, upTo: until, kept: kept.list() }
}

/** Where the horizon in time stands; none: all snapshots count, also those of a clock that is ahead. */
function tooYoungFrom(now: number, olderThan: number): Stamp | undefined {
  // A millisecond has many stamps, and is old enough with all of them.
  return olderThan === 0 ? undefined : stampOf(Math.max(0, now - olderThan + 1))
}

/** Each aggregate once, where its first snapshot stands. */
async function* aggregatesWithSnapshots(
  log: CompactedLog,
  range: ReadRange,
  end: Position,
): AsyncGenerator<{ readonly aggregateId: string; readonly upTo: Position }> {
  const seen = new Set<string>()
  for await (const { event, position } of entriesOf(log, range)) {
    if (position > end) return
    const { type, aggregateId } = event
    if (type !== snapshotType || seen.has(aggregateId)) continue
    seen.add(aggregateId)
    yield { aggregateId, upTo: position }
  }
}

async function rowsOf(log: CompactedLog, aggregateId: string): Promise<readonly PlannedRow[]> {
  const rows: PlannedRow[] = []
  for await (const entry of entriesOf(log, { aggregateId })) rows.push(plannedRow(entry))
  return rows
}

async function* entriesOf(log: CompactedLog, range: ReadRange) {
  for (let after = 0n as Position; ; ) {
    const page = await log.entries({ ...range, after })
    yield* page.entries
    if (!page.more) return
    after = page.next
  }
}

async function compactAll(
  log: CompactedLog,
  { ids, snapshots }: Plan,
  until: Position,
): Promise<{ readonly compacted: number; readonly bytes: number }> {
  const done = { compacted: 0, bytes: 0 }
  for (let at = 0; at < ids.length; at += compactedAtOnce) {
    const slice = { ids: ids.slice(at, at + compactedAtOnce), snapshots, until }
    const part = await log.write((context) => compactSlice(context, slice))
    if (part === undefined) break
    done.compacted += part.compacted
    done.bytes += part.bytes
  }
  return done
}

/** What stood in the way, each obstacle once. */
class Kept {
  readonly #limits: readonly Limit[]
  readonly #before: Position
  readonly #found = new Map<string, CompactionKept>()

  constructor(limits: readonly Limit[], before: Position) {
    this.#limits = limits
    this.#before = before
  }

  note({ needs, isUnlinked, isYoung }: Plan, aggregateId: string): void {
    if (isUnlinked) this.add({ reason: 'unlinked' }, aggregateId)
    if (isYoung) this.add({ reason: 'young' }, aggregateId)
    if (needs === undefined) return
    if (needs > this.#before) this.add({ reason: 'horizon' }, aggregateId)
    for (const { reason, name, upTo } of this.#limits)
      if (upTo < needs) this.add({ reason, name, upTo }, aggregateId)
  }

  add(why: Omit<CompactionKept, 'aggregates' | 'aggregateId'>, aggregateId: string): void {
    const key = `${why.reason} ${why.name ?? ''}`
    const known = this.#found.get(key)
    const aggregates = (known?.aggregates ?? 0) + 1
    this.#found.set(key, { ...why, aggregates, aggregateId: known?.aggregateId ?? aggregateId })
  }

  list(): readonly CompactionKept[] {
    return [...this.#found.values()]
  }
}

const thirtyDays = 30 * 24 * 60 * 60 * 1_000
