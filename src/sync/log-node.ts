import type { ConflictRecord, RuleSet } from '../conflict/index.ts'
import type {
  Appended,
  Compacted,
  Entry,
  Erased,
  Erasure,
  ReadRange,
  Stale,
  StoreStatus,
} from '../contracts/index.ts'
import { aFunction, fields, type Known, text } from '../errors/check.ts'
import type { EventId } from '../event/index.ts'
import type {
  Projected,
  Projection,
  ProjectionOptions,
  Subscribed,
  Subscription,
  SubscriptionOptions,
} from '../projection/index.ts'
import { aggregateEvents } from './aggregate-events.ts'
import type { NodeAppendOptions } from './append-options.ts'
import type { RulesChange } from './changed-rules.ts'
import { checkedAppend, checkRuleSet, signalIn } from './check-node.ts'
import { compactNode, type NodeCompactOptions } from './compacting.ts'
import { confirmed } from './confirming.ts'
import { type ConflictRange, checkConflictRange } from './conflict-range.ts'
import { type DecidedHistory, type Decider, type Decision, decideOn } from './decide.ts'
import { decidedHistory } from './decided-history.ts'
import { entriesOf } from './entries.ts'
import type { NodeParts } from './node-parts.ts'
import { restoreEvent } from './restoring.ts'
import {
  type Snapshot,
  type SnapshotFold,
  type SnapshotOptions,
  takeSnapshot,
} from './snapshotting.ts'
import type { AnyEvents, EffectiveEventOf, EventMap, EventOf, NewEventOf } from './typed-events.ts'
import { at } from './where.ts'

/** What a node does with its own log: nothing here waits for a network, unless `until` says so. */
export class LogNode<Events extends EventMap = AnyEvents> {
  readonly #parts: NodeParts

  constructor(parts: NodeParts) {
    this.#parts = parts
  }

  /**
   * Appends in one commit; resolves when it is durable here, and does not wait for the network unless `until` says
   * so. With `expected`, an aggregate that has other heads answers `{ kind: 'stale', heads }` and nothing is stored.
   * What the `validation` option refuses rejects with `invalid_event`, naming the event, its type, the path and what
   * its schema says; nothing is stored then either.
   *
   * The answer's `confirmed()` waits for a remote as `until: 'remote'` does. What either of them rejects with comes
   * after the append: the events are stored and stay in the outbox.
   */
  append(
    events: readonly NewEventOf<Events>[],
    options?: NodeAppendOptions & { readonly expected?: 'any' },
  ): Promise<AppendedOf<Events>>
  append(
    events: readonly NewEventOf<Events>[],
    options: NodeAppendOptions,
  ): Promise<AppendedOf<Events> | Stale>
  append(
    given: readonly NewEventOf<Events>[],
    options: NodeAppendOptions = {},
  ): Promise<AppendedOf<Events> | Stale> {
    return this.#parts.lifetime.open(async () => {
      const { store, validation, meaning, remotes } = this.#parts
      const { evolution } = meaning
      const { until, appending } = checkedAppend(options)
      if (until === 'remote') remotes.named(undefined, 'append')
      const written = evolution.written(given)
      const checked = validation ? await validation.checked(written, options?.signal) : written
      const answer = await store.append(checked, appending)
      if (answer.kind === 'stale') return answer
      const events: Appended['events'] = answer.events.map(evolution.read)
      const confirmed = this.#confirmation(events)
      if (until === 'remote') await confirmed(undefined, options)
      return { ...answer, events, confirmed } as AppendedOf<Events>
    })
  }

  /**
   * Loads one aggregate, its snapshots first and without what they cover, asks `decider` what to append, and appends it
   * if nobody else has appended to the aggregate meanwhile; otherwise asks again, up to 10 times. Rejects with `unsettled` after that, with
   * `invalid_argument` for an event of another aggregate, with `event_newer` for a history with an event that
   * newer code has written, and with whatever the decider throws.
   */
  async decide(
    aggregateId: string,
    decider: Decider<Events>,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<Decision<Events>> {
    text('aggregateId', aggregateId, at('decide'))
    aFunction('decider', decider, at('decide'))
    const signal = signalIn('decide', options)
    const reading = signal === undefined ? {} : { signal }
    const load = () =>
      this.#parts.lifetime.open(() => decidedHistory(aggregateId, this.#parts, signal))
    return decideOn(this, aggregateId, load as DecidedHistory<Events>, decider, reading)
  }

  /**
   * The log's entries in the order this store took them in, page by page. Stubs are passed over, and `count`
   * does not count them; what fills one later comes at the end, as something new. With `upcasters`, `data` is of
   * its type's current schema version, and an event of a later one says `newer`.
   */
  async *read(range: ReadRange = {}, options: ReadOptions = {}): AsyncGenerator<Entry, void> {
    const signal = signalIn('read', options)
    fields('range', range, at('read'), readRangeNames)
    yield* this.#parts.lifetime.each(entriesOf(this.#parts, range, signal))
  }

  /** One aggregate's events, as `read` gives them: those whose content is here. */
  async *readAggregate(
    aggregateId: string,
    options: ReadOptions = {},
  ): AsyncGenerator<EventOf<Events>, void> {
    text('aggregateId', aggregateId, at('read'))
    for await (const { event } of this.read({ aggregateId }, options))
      yield event as EventOf<Events>
  }

  /**
   * What one aggregate's events mean: those that count, in an order that every replica agrees on. Of what was
   * written concurrently, the `rules` decide what is left out, and what a merge makes of it; facts stay in
   * the log whatever they decide. An event that arrives late takes its place in the middle.
   */
  async history(
    aggregateId: string,
    options: ReadOptions = {},
  ): Promise<readonly EffectiveEventOf<Events>[]> {
    text('aggregateId', aggregateId, at('history'))
    const signal = signalIn('history', options)
    const { store, meaning } = this.#parts
    const events = await this.#parts.lifetime.open(() =>
      aggregateEvents(store, aggregateId, signal),
    )
    const { events: history } = meaning.historyOf(events)
    return history as readonly EffectiveEventOf<Events>[]
  }

  /**
   * What was written concurrently: which events on which branches, what the `rules` made of it, and whether
   * anybody has gone on from all branches since; earliest first. Reviews that are open wait for a person: append
   * an event, or `decide`, and it is answered, because that builds on all branches. Nothing else waits for that.
   *
   * ```ts
   * for await (const { aggregateId, outcome } of node.conflicts({ open: true }))
   *   if (outcome === 'review') console.log(`please decide: ${aggregateId}`)
   * ```
   *
   * Each call brings the journal up to date first, which it keeps beside the log where the store can do that.
   * What a late event changes while pages are read may be missed.
   */
  async *conflicts(
    range: ConflictRange = {},
    options: ReadOptions = {},
  ): AsyncGenerator<ConflictRecord, void> {
    const signal = signalIn('conflicts', options)
    checkConflictRange(range)
    yield* this.#parts.lifetime.each(this.#parts.journal.list(range, signal))
  }

  /**
   * Brings back an event that a conflict's resolution has left out: appends what it says once more, on top of
   * all heads, with `rejoin.restores` in its metadata. When that was done already and counts, on whatever node,
   * answers with that event and appends nothing. Rejects with `invalid_argument` for an event that isn't here,
   * has lost its content, or counts as it is.
   */
  restore(eventId: string, options: ReadOptions = {}): Promise<EventOf<Events>> {
    return this.#parts.lifetime.open(async () => {
      text('eventId', eventId, at('restore'))
      const restored = await restoreEvent(eventId, this.#parts, signalIn('restore', options))
      return restored as EventOf<Events>
    })
  }

  /**
   * Appends a snapshot of one aggregate: an event of the type `rejoin.snapshot` whose data is what `fold` makes of the
   * effective history, on top of all heads. On every replica that has it, it stands for all before it: histories
   * and read models begin with it, and those events are in no conflict any more. When nothing has happened since
   * the last one, answers with that.
   *
   * ```ts
   * await node.snapshot('acc-1', (history) => ({ cents: history.reduce(balance, 0) }))
   * ```
   *
   * Folds again when somebody appends meanwhile, up to 10 times; then rejects with `unsettled`. Rejects with
   * `invalid_argument` for an aggregate that is unknown, that a filter has left stubs in, or that has events without
   * causality, with `event_newer` for one with an event that newer code has written, and with what `fold` throws.
   */
  snapshot(
    aggregateId: string,
    fold: SnapshotFold<Events>,
    options: SnapshotOptions = {},
  ): Promise<Snapshot> {
    return this.#parts.lifetime.open(async () => {
      text('aggregateId', aggregateId, at('snapshot'))
      aFunction('fold', fold, at('snapshot'))
      signalIn('snapshot', options)
      return takeSnapshot(aggregateId, fold, options, this.#parts)
    })
  }

  /** The rules that hold now. */
  get rules(): RuleSet {
    return this.#parts.meaning.rules
  }

  /**
   * Other rules from now on, for histories, conflicts, restores, read models and syncs: events stay as they are,
   * only what they mean changes. Read models are folded anew, and read as they were until that is done; the
   * journal follows at the next look at it. Answers with what changed, which is logged as well, and
   * `undefined` for rules with the same hash: nothing happens then. `closed` and `invalid_argument` are thrown.
   *
   * ```ts
   * const watched = await watchRules('rules.yaml', (rules) => node.useRules(rules))
   * ```
   */
  useRules(rules: RuleSet): RulesChange | undefined {
    checkRuleSet(rules, at('useRules'))
    this.#parts.lifetime.mustHold('useRules')
    return this.#parts.rulesInUse.use(rules)
  }

  /** Calls back whenever other rules hold, whoever gave them; answers with a way to stop that. */
  onRulesChange(listener: (change: RulesChange) => void): () => void {
    aFunction('listener', listener, at('onRulesChange'))
    return this.#parts.rulesInUse.subscribe(listener)
  }

  /** The aggregate's events that no other names as parent. More than one: it was written concurrently. */
  heads(aggregateId: string, options: ReadOptions = {}): Promise<readonly EventId[]> {
    return this.#parts.lifetime.open(() =>
      this.#parts.store.heads(aggregateId, signalIn('heads', options)),
    )
  }

  /**
   * Erases the content of events for good, by id or all that is here of an aggregate: here at once, and on every
   * replica as it syncs. Ids, aggregate ids and tenants stay; what was erased never comes back. See
   * `EventStore.erase`.
   */
  erase(what: Erasure, options: ReadOptions = {}): Promise<Erased> {
    return this.#parts.lifetime.open(() =>
      this.#parts.store.erase(what, signalIn('erase', options)),
    )
  }

  /**
   * Takes the content of what snapshots stand for out of this node's store; other replicas keep theirs, and histories
   * and read models stay as they are. Waits for everybody: remotes, peers that pull from here, and all read models
   * and subscriptions in the store's file, and until a snapshot is 30 days old (`olderThan`); the answer says what stood
   * in the way. See `EventStore.compact`.
   */
  compact(options: NodeCompactOptions = {}): Promise<Compacted> {
    return this.#parts.lifetime.open(async () =>
      compactNode(fields('options', options, at('compact'), nodeCompactOptionNames), this.#parts),
    )
  }

  status(options: ReadOptions = {}): Promise<StoreStatus> {
    return this.#parts.lifetime.open(() => this.#parts.store.status(signalIn('status', options)))
  }

  /**
   * A read model of this node's events, kept up to date from now on, after each append and sync, also those of
   * other processes. The same projection gives the same again; another one of its name throws
   * `invalid_argument`.
   *
   * ```ts
   * const notes = node.project({
   *   name: 'notes',
   *   initial: { texts: [] as string[] },
   *   on: { NoteWritten: (note, event) => ({ texts: [...note.texts, event.data.text] }) },
   * })
   * await notes.get('note-1')
   * ```
   */
  project<State>(
    given: Projection<Events, State> | ProjectionOptions<Events, State>,
  ): Projected<State> {
    const { projections } = this.#parts
    const projected = projections.project(given)
    projections.start()
    return projected
  }

  /**
   * Tells a handler of this node's events in the order of its log, each at least once, from now on and after
   * each restart where it left off; and of those that conflicts leave out later. As `project`.
   */
  follow(given: Subscription<Events> | SubscriptionOptions<Events>): Subscribed {
    const { projections } = this.#parts
    const subscribed = projections.subscribe(given)
    projections.start()
    return subscribed
  }

  #confirmation(events: Appended['events']): Confirmed {
    return (remote, options = {}) =>
      this.#parts.lifetime.open(async () => {
        const signal = signalIn('confirmed', options)
        const { store, filter, remotes } = this.#parts
        const named = remotes.named(remote, 'confirmed')
        const ids = events.map(({ id }) => id)
        return confirmed({ store, filter, ids, remote: named }, signal)
      })
  }
}

/** How a read is called off. */
export interface ReadOptions {
  readonly signal?: AbortSignal
}

/**
 * Resolves when that remote (default: the primary one) has confirmed what was appended. A node that syncs by itself
 * waits for that as long as it takes; another one pushes now, and this rejects with what went wrong. Rejects with
 * `rejected` when the remote refuses an event or the node's filter keeps it here.
 */
export type Confirmed = (remote?: string, options?: ReadOptions) => Promise<void>

type AppendedOf<Events extends EventMap> = Omit<Appended, 'events'> & {
  readonly events: readonly EventOf<Events>[]
  readonly confirmed: Confirmed
}

const nodeCompactOptionNames: Known<NodeCompactOptions> = {
  silence: true,
  signal: true,
  onProgress: true,
  olderThan: true,
  before: true,
  aggregateId: true,
  leaveBehind: true,
}

const readRangeNames: Known<ReadRange> = {
  aggregateId: true,
  after: true,
  count: true,
  bytes: true,
  placed: true,
}
