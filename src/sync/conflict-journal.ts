import { anchorOf, type ConflictRecord, type HistoryOf, recordOf } from '../conflict/index.ts'
import type { EventStore, ProjectionSink } from '../contracts/index.ts'
import type { LogEvent } from '../event/index.ts'
import type { Logger } from '../ports/index.ts'
import { memorySink, type Projected, Projections, projection } from '../projection/index.ts'
import { compareTexts } from '../projection/text-order.ts'
import type { Runtime } from '../runtime/index.ts'
import { aggregateEvents } from './aggregate-events.ts'
import type { ConflictRange } from './conflict-range.ts'
import type { Meaning } from './meaning.ts'

export interface ConflictJournalOptions {
  readonly store: EventStore
  readonly meaning: Meaning
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
  /** Beside the log, and in memory where another process has the former with other rules. */
  readonly #kept: Kept[] = []

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
    for (const { projections } of this.#kept) await projections.close()
  }

  async #of(aggregateId: string, signal: AbortSignal | undefined) {
    const { store, meaning } = this.#options
    const events = await aggregateEvents(store, aggregateId, signal)
    const { conflicts } = meaning.historyOf(events)
    const keyed = conflicts.map((one) => {
      const { stamp, id } = anchorOf(one.conflict)
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

  /** The first that has the rules that hold: another process may have given what is kept beside the log others. */
  async #upToDate(signal: AbortSignal | undefined): Promise<Projected<ConflictRecord>> {
    const options = signal === undefined ? {} : { signal }
    for (let at = 0; ; at++) {
      this.#kept[at] ??= this.#keep(at === 0 ? this.#options.sink : memorySink())
      const { projections, records } = this.#kept[at] as Kept
      projections.useMeaning(this.#folded())
      await records.run(options)
      const { state } = await records.status(options)
      if (state !== 'outdated') return records
    }
  }

  #keep(sink: ProjectionSink | undefined): Kept {
    const { store, runtime, logger } = this.#options
    const projections = new Projections({
      store,
      runtime,
      logger,
      ...this.#folded(),
      mergesMatter: true,
      ...(sink && { sink }),
    })
    const records = projections.project<ConflictEvents, ConflictRecord>(
      projection<ConflictEvents, ConflictRecord>({
        name: 'rejoin.conflicts',
        initial: none,
        key: ({ stamp, id }) => keyOf(stamp, id, runtime),
        on: { [found]: (_, { data }) => data },
      }),
    )
    return { projections, records }
  }

  #folded() {
    const { meaning } = this.#options
    return { history: journalOf(meaning), rules: meaning.version }
  }
}

interface Kept {
  readonly projections: Projections
  readonly records: Projected<ConflictRecord>
}

/** The conflicts in place of the events: each stands where one of its events does, and no other conflict. */
function journalOf(meaning: Meaning): HistoryOf {
  const resolve = meaning.resolved()
  return (events) => {
    const { conflicts } = resolve(events)
    if (conflicts.length === 0) return []
    // As they are stored: what newer code wrote would not be folded.
    const stored = new Map(events.filter(({ stub }) => stub === null).map((one) => [one.id, one]))
    return conflicts.map((one) => ({
      event: stored.get(anchorOf(one.conflict).id) as LogEvent,
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
