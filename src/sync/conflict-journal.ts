import {
  type ConflictRecord,
  effectiveHistory,
  type HistoryOf,
  type RuleSet,
  recordOf,
} from '../conflict/index.ts'
import type { EventStore, ProjectionSink } from '../contracts/index.ts'
import type { LogEvent } from '../event/index.ts'
import type { Logger } from '../ports/index.ts'
import { memorySink, type Projected, Projections, projection } from '../projection/index.ts'
import { compareTexts } from '../projection/text-order.ts'
import type { Runtime } from '../runtime/index.ts'
import { aggregateEvents } from './aggregate-events.ts'
import type { ConflictRange } from './conflict-range.ts'

export interface ConflictJournalOptions {
  readonly store: EventStore
  readonly rules: RuleSet
  /** Events as the rules are to see them. */
  readonly read: (event: LogEvent) => LogEvent
  /** Tells rules and upcasters apart. */
  readonly version: string
  readonly runtime: Runtime
  readonly logger: Logger
  /** Where it is kept. Default: beside the log where the store can do that, else in memory. */
  readonly sink?: ProjectionSink
}

/**
 * Every conflict of a log, as its events and the rules say now. Kept as a read model with a key for each
 * conflict, so that a look at it costs what has come since the last one.
 */
export class ConflictJournal {
  readonly #options: ConflictJournalOptions
  readonly #all: Projections[] = []
  #kept: Projected<ConflictRecord> | undefined

  constructor(options: ConflictJournalOptions) {
    this.#options = options
  }

  /** By time, earliest first; of one aggregate without a look at the others. */
  async *list(
    range: ConflictRange,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<ConflictRecord, void> {
    const { aggregateId } = range
    const records =
      aggregateId === undefined ? this.#pages(range, signal) : await this.#of(aggregateId, signal)
    for await (const record of records) if (isWanted(record, range)) yield record
  }

  async close(): Promise<void> {
    for (const one of this.#all) await one.close()
  }

  async #of(aggregateId: string, signal: AbortSignal | undefined) {
    const { store, rules, read } = this.#options
    const events = await aggregateEvents(store, aggregateId, signal)
    const { conflicts } = effectiveHistory(events.map(read), rules)
    const keyed = conflicts.map((one) => {
      const { stamp, id } = one.conflict.events.at(-1) as LogEvent
      return { key: keyOf(stamp, id, this.#options.runtime), record: recordOf(one) }
    })
    return keyed
      .toSorted((one, other) => compareTexts(one.key, other.key))
      .map(({ record }) => record)
  }

  async *#pages({ after, before }: ConflictRange, signal: AbortSignal | undefined) {
    const options = signal === undefined ? {} : { signal }
    const kept = await this.#upToDate(signal)
    let last = after === undefined ? undefined : placeOf(after + 1)
    for (;;) {
      const from = last === undefined ? {} : { after: last }
      const page = await kept.list({ ...options, ...from, limit: pageSize })
      for (const { value } of page.results) {
        if (before !== undefined && value.at >= before) return
        yield value
      }
      last = page.results.at(-1)?.key
      if (!page.more || last === undefined) return
    }
  }

  async #upToDate(signal: AbortSignal | undefined): Promise<Projected<ConflictRecord>> {
    const options = signal === undefined ? {} : { signal }
    this.#kept ??= this.#project(this.#options.sink)
    await this.#kept.run(options)
    const { state } = await this.#kept.status(options)
    if (state !== 'outdated') return this.#kept
    // Another process has the file with other rules; what it keeps there is not what is asked here.
    this.#kept = this.#project(memorySink())
    await this.#kept.run(options)
    return this.#kept
  }

  #project(sink: ProjectionSink | undefined): Projected<ConflictRecord> {
    const { store, rules, read, version, runtime, logger } = this.#options
    const projections = new Projections({
      store,
      runtime,
      logger,
      history: journalOf(rules, read),
      mergesMatter: true,
      rules: version,
      ...(sink && { sink }),
    })
    this.#all.push(projections)
    return projections.project<ConflictEvents, ConflictRecord>(
      projection<ConflictEvents, ConflictRecord>({
        name: 'rejoin.conflicts',
        initial: none,
        key: ({ stamp, id }) => keyOf(stamp, id, runtime),
        on: { [found]: (_, { data }) => data },
      }),
    )
  }
}

/** The conflicts in place of the events: each stands where its last event does. */
function journalOf(rules: RuleSet, read: (event: LogEvent) => LogEvent): HistoryOf {
  return (events) => {
    const { conflicts } = effectiveHistory(events.map(read), rules)
    if (conflicts.length === 0) return []
    // As they are stored: what newer code wrote would not be folded.
    const stored = new Map(events.filter(({ stub }) => stub === null).map((one) => [one.id, one]))
    return conflicts.map((one) => ({
      event: stored.get((one.conflict.events.at(-1) as LogEvent).id) as LogEvent,
      type: found,
      data: recordOf(one),
    }))
  }
}

function isWanted(record: ConflictRecord, { type, after, before, open }: ConflictRange): boolean {
  if (open !== undefined && record.open !== open) return false
  if (after !== undefined && record.at <= after) return false
  if (before !== undefined && record.at >= before) return false
  if (type === undefined) return true
  return record.branches.some(({ events }) => events.some((event) => event.type === type))
}

/** By time; an id may be longer than a key. */
function keyOf(stamp: bigint, id: string, runtime: Pick<Runtime, 'sha256'>): string {
  const name = id.length > mostIdLength ? runtime.sha256(id) : id
  return `${String(stamp).padStart(19, '0')} ${name}`
}

/** Before all keys of this millisecond and later ones. */
function placeOf(milliseconds: number): string {
  return String(BigInt(Math.max(0, milliseconds)) * 1_000_000n).padStart(19, '0')
}

/** No event is of this type: it has a control character. */
const found = '\u0001conflict'
type ConflictEvents = Readonly<Record<typeof found, ConflictRecord>>

const none = null as unknown as ConflictRecord
const pageSize = 200
const mostIdLength = 200
