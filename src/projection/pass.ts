import type { EffectiveEvent, HistoryOf } from '../contracts/index.ts'
import type { EventId, LogEvent } from '../event/index.ts'
import type { Runtime } from '../runtime/index.ts'
import type { Position } from '../version/index.ts'
import { type AggregateLog, wholeAggregate, windowsOf } from './aggregate-log.ts'
import { AggregateStates } from './aggregate-states.ts'
import { Checkpoints } from './checkpoints.ts'
import type { Draft } from './draft.ts'
import { type DeadLetter, FoldFailure } from './failure.ts'
import type { Folding } from './folding.ts'
import { type Item, itemOf } from './item.ts'
import { behind, keyed } from './keyed.ts'
import { Members } from './members.ts'
import { ownPlace, type Place, placesOf } from './place.ts'
import { inLogOrder } from './plain-history.ts'
import type { LogReader } from './reading.ts'
import type { Records } from './records.ts'
import { compareTexts } from './text-order.ts'
import { Touched, type TouchedKey } from './touched.ts'

export interface PassOptions {
  readonly store: LogReader
  readonly runtime: Runtime
  readonly folding: Folding
  /** What conflicts and upcasters make of an aggregate; absent: every event counts as it is. */
  readonly history: HistoryOf | undefined
  /** What joins branches changes what `history` says. */
  readonly mergesMatter: boolean
  readonly draft: Draft
  readonly records: Records
  /** Keys are not simply aggregates, or what counts is not simply what is there. */
  readonly isIndexed: boolean
  /** The build has met events without causality. */
  readonly foreign: boolean
  readonly checkpointEvery: number
  readonly chunk: number
  readonly setsAside: boolean
  readonly signal: AbortSignal
}

/** Takes pages of the log into a draft. */
export class Pass {
  readonly #options: PassOptions
  readonly #members: Members
  readonly #aggregates: AggregateStates

  constructor(options: PassOptions) {
    this.#options = options
    this.#members = new Members(options.draft, options.runtime)
    const { draft, history, foreign, mergesMatter } = options
    this.#aggregates = new AggregateStates(draft, history !== undefined, foreign, mergesMatter)
  }

  /** Some aggregate has events without causality. */
  get foreign(): boolean {
    return this.#aggregates.foreign
  }

  /** Takes in what stands in the log behind `since` and not behind `until`. */
  async take(events: readonly LogEvent[], since: Position, until: Position): Promise<void> {
    const { signal, isIndexed } = this.#options
    const touched = new Touched()
    const aggregates = grouped(events)
    await this.#aggregates.load([...aggregates.keys()], events, signal)
    for (const [aggregateId, group] of aggregates) {
      const log: AggregateLog = { store: this.#options.store, aggregateId, until, signal }
      const isPlain = this.#aggregates.takeIn(aggregateId, group)
      if (isIndexed) await this.#index(log, group, isPlain, touched)
      else this.#touch(group, isPlain, since, touched)
    }
    await this.#options.records.load(touched.keys(), this.#options.draft, signal)
    for (const [key, changes] of touched) {
      const log: AggregateLog = { store: this.#options.store, aggregateId: key, until, signal }
      await this.#foldKey(key, changes, log)
    }
  }

  /** Folds dead letters again, with what comes after them. */
  async retry(letters: readonly Letter[], until: Position): Promise<void> {
    const { signal, records, draft, store } = this.#options
    const keyless = letters.filter(({ key }) => key === '')
    for (const { key, place } of keyless) draft.put('dead', keyed(key, place), null)
    const events = await store.fetch(
      keyless.map(({ id }) => id),
      signal,
    )
    await this.take(events, 0n as Position, until)
    const keys = [...new Set(letters.map(({ key }) => key))].filter((key) => key !== '')
    await records.load(keys, draft, signal)
    await this.#aggregates.load(keys, [], signal)
    for (const key of keys) {
      const places = letters.filter((letter) => letter.key === key).map(({ place }) => place)
      const first = places.sort(compareTexts)[0] as Place
      await this.#foldAgain(key, first, { store, aggregateId: key, until, signal })
    }
  }

  /** What its events mean, where a key has them in the log's own order or in a list of its own. */
  async #index(
    log: AggregateLog,
    group: readonly LogEvent[],
    isPlain: boolean,
    touched: Touched,
  ): Promise<void> {
    const { history = inLogOrder, signal } = this.#options
    const events = isPlain ? group : await wholeAggregate(log)
    const ids = [...new Set([...group, ...events].map((event) => event.id))]
    await this.#forgetKeyless(ids)
    const entries = this.#wanted(history(events))
    const places = isPlain ? entries.map(({ event }) => ownPlace(event)) : placesOf(entries)
    const items = new Map<EventId, { readonly key: string; readonly item: Item }>()
    entries.forEach((entry, at) => {
      const placed = this.#keyed(entry, places[at] as Place)
      if (placed !== undefined) items.set(entry.event.id, placed)
    })
    if (!isPlain) this.#aggregates.settle(log.aggregateId, events)
    await this.#members.settle(ids, items, touched, signal)
  }

  /** As `#index`, where the key is the aggregate and every event counts: nothing needs to be remembered. */
  #touch(group: readonly LogEvent[], isPlain: boolean, since: Position, touched: Touched): void {
    const { folding } = this.#options
    for (const event of group) {
      const place = ownPlace(event)
      if (event.stub !== null) touched.removed(event.aggregateId, place)
      else if (folding.wants(event.type, event))
        touched.added(event.aggregateId, { place, event, since })
      // It may stand anywhere: all of its aggregate is to be looked at.
      if (!isPlain) touched.removed(event.aggregateId, '')
    }
  }

  async #foldKey(key: string, { from, items }: TouchedKey, log: AggregateLog): Promise<void> {
    const { records } = this.#options
    const record = records.get(key)
    if (from !== undefined && compareTexts(from, record.place) <= 0)
      return this.#foldAgain(key, from, log)
    if (items.length === 0) return
    records.set(key, await this.#foldOn(key, record, items, this.#checkpoints(key)))
  }

  async #foldAgain(key: string, from: Place, log: AggregateLog): Promise<void> {
    const { store, chunk, signal, folding, runtime, isIndexed } = this.#options
    if (!isIndexed && this.#aggregates.isTangled(key)) return this.#foldWhole(key, log)
    const checkpoints = this.#checkpoints(key)
    const { record: base, since } = await checkpoints.backTo(from, signal)
    await this.#forgetLetters(key, base.place)
    const isWanted = (event: LogEvent) => event.stub === null && folding.wants(event.type, event)
    const chunks = isIndexed
      ? this.#members.after(key, base.place, { store, chunk, signal })
      : windowsOf(log, { place: base.place, since }, isWanted)
    let record = base
    for await (const items of chunks) {
      record = await this.#foldOn(key, record, items, checkpoints)
      // A long fold lets others have their turn.
      await new Promise<void>((resolve) => runtime.soon(resolve))
    }
    this.#options.records.set(key, record)
  }

  /** Where causality says another order than the stamps, which only all of the aggregate can tell. */
  async #foldWhole(key: string, log: AggregateLog): Promise<void> {
    const checkpoints = this.#checkpoints(key)
    const { record } = await checkpoints.backTo('', this.#options.signal)
    await this.#forgetLetters(key, '')
    const events = await wholeAggregate(log)
    this.#aggregates.settle(key, events)
    const entries = this.#wanted(inLogOrder(events))
    const places = placesOf(entries)
    const items = entries.map(({ event }, at) => ({ place: places[at] as Place, event }))
    this.#options.records.set(key, await this.#foldOn(key, record, items, checkpoints))
  }

  /** Folds items that come after the record's own, checkpoint by checkpoint. */
  async #foldOn(
    key: string,
    from: ReturnType<Records['get']>,
    items: readonly Item[],
    checkpoints: Checkpoints,
  ): Promise<ReturnType<Records['get']>> {
    const { folding, signal } = this.#options
    let record = from
    for (let at = 0; at < items.length; ) {
      const part = items.slice(at, at + checkpoints.left(record))
      const folded = folding.fold(key, record, part, signal, (letter, { place }) =>
        this.#setAside(letter, place),
      )
      record = folded instanceof Promise ? await folded : folded
      if (checkpoints.isDue(record)) await checkpoints.keep(record, part.at(-1) as Item, signal)
      at += part.length
    }
    return record
  }

  #wanted(entries: readonly EffectiveEvent[]): readonly EffectiveEvent[] {
    const { folding } = this.#options
    return entries.filter(({ type, event }) => folding.wants(type, event))
  }

  /** What an event counts as, and whose it is. */
  #keyed(
    entry: EffectiveEvent,
    place: Place,
  ): { readonly key: string; readonly item: Item } | undefined {
    const { folding, setsAside } = this.#options
    try {
      const item = itemOf(entry, place)
      const key = folding.keyOf(item.event)
      return key === undefined ? undefined : { key, item }
    } catch (cause) {
      // Also an upcaster's: data is read for the first time here.
      const failure = cause instanceof FoldFailure ? cause : new FoldFailure(entry.event, '', cause)
      if (!setsAside) throw failure
      this.#setAside(failure.letter, entry.event.id)
      return undefined
    }
  }

  /** In the list of its key at its place; without a key, by its id. */
  #setAside(letter: DeadLetter, place: Place | EventId): void {
    this.#options.draft.put('dead', keyed(letter.key, place), JSON.stringify(letter))
  }

  /** They are looked at anew: those that count no more are not to stay, nor what was said about what is erased. */
  async #forgetKeyless(ids: readonly EventId[]): Promise<void> {
    const { draft, signal, setsAside } = this.#options
    if (!setsAside) return
    const keys = ids.map((id) => keyed('', id))
    const letters = await draft.get('dead', keys, signal)
    for (const [at, key] of keys.entries())
      if (letters[at] !== undefined) draft.put('dead', key, null)
  }

  async #forgetLetters(key: string, after: Place): Promise<void> {
    const { draft, chunk, signal } = this.#options
    for (;;) {
      const range = { ...behind(key, after), limit: chunk }
      const letters = await draft.list('dead', range, signal)
      // A page may be short although there are more.
      if (letters.length === 0) return
      for (const letter of letters) draft.put('dead', letter.key, null)
    }
  }

  #checkpoints(key: string): Checkpoints {
    return new Checkpoints(this.#options.draft, key, this.#options.checkpointEvery)
  }
}

/** What was set aside, and where. */
export interface Letter {
  readonly id: EventId
  readonly key: string
  readonly place: Place
}

function grouped(events: readonly LogEvent[]): ReadonlyMap<string, readonly LogEvent[]> {
  const groups = new Map<string, LogEvent[]>()
  for (const event of events) {
    const group = groups.get(event.aggregateId)
    if (group === undefined) groups.set(event.aggregateId, [event])
    else group.push(event)
  }
  return groups
}
