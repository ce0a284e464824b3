import type { ConflictRecord, RuleSet } from '../conflict/index.ts'
import type {
  Appended,
  AppendOptions,
  Compacted,
  Entry,
  Erased,
  Erasure,
  ReadRange,
  Stale,
  StoreStatus,
} from '../contracts/index.ts'
import { aFunction, fields, text } from '../errors/check.ts'
import { RejoinError } from '../errors/index.ts'
import type { EventId } from '../event/index.ts'
import type { Explanation, LinkClosing } from '../link/index.ts'
import type {
  Projected,
  Projection,
  ProjectionOptions,
  Subscribed,
  Subscription,
  SubscriptionOptions,
} from '../projection/index.ts'
import { aggregateEvents } from './aggregate-events.ts'
import type { RulesChange } from './changed-rules.ts'
import {
  at,
  checkClosing,
  checkNodeOptions,
  checkRuleSet,
  checkSyncOptions,
  checkUntil,
  signalIn,
} from './check-node.ts'
import { compactNode, type NodeCompactOptions } from './compacting.ts'
import { confirmed } from './confirming.ts'
import { type ConflictRange, checkConflictRange } from './conflict-range.ts'
import { type Decider, type Decision, decideOn } from './decide.ts'
import { entriesOf } from './entries.ts'
import type { SyncNodeOptions } from './node-options.ts'
import { closeParts, type NodeParts, partsOf } from './node-parts.ts'
import type { NodeLink, UnsentThere } from './remotes.ts'
import { restoreEvent } from './restoring.ts'
import type { Direction, SyncOptions } from './runs.ts'
import {
  type Snapshot,
  type SnapshotFold,
  type SnapshotOptions,
  takeSnapshot,
} from './snapshotting.ts'
import type { SyncResult } from './sync-result.ts'
import type { AnyEvents, EffectiveEventOf, EventMap, EventOf, NewEventOf } from './typed-events.ts'

/**
 * A node of a fleet: append and read at any time, sync when there is a network.
 *
 * ```ts
 * const node = new SyncNode<{ NoteWritten: { text: string } }>({ store, transport })
 * await node.append([{ type: 'NoteWritten', aggregateId: 'note-1', data: { text: 'hello' } }])
 * const { ok, errors } = await node.sync()
 * ```
 *
 * All methods may be called concurrently. After `close()` they reject with `closed`.
 */
export class SyncNode<Events extends EventMap = AnyEvents> {
  readonly #parts: NodeParts
  #closing: Promise<NodeClosed> | undefined

  constructor(options: SyncNodeOptions<Events>) {
    checkNodeOptions(options)
    this.#parts = partsOf(options)
    if (options.autoStart) this.startAutoSync()
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
    return this.#open(async () => {
      const { store, validation, meaning, remotes } = this.#parts
      const { evolution } = meaning
      const until = checkUntil(options)
      if (until === 'remote') remotes.named(undefined, 'append')
      const written = evolution.written(given)
      const checked = validation ? await validation.checked(written, options?.signal) : written
      const answer = await store.append(checked, options)
      if (answer.kind === 'stale') return answer
      const events: Appended['events'] = answer.events.map(evolution.read)
      const confirmed = this.#confirmation(events)
      if (until === 'remote') await confirmed(undefined, options)
      return { ...answer, events, confirmed } as AppendedOf<Events>
    })
  }

  /**
   * Loads one aggregate, asks `decider` what to append, and appends it if nobody else has appended to the
   * aggregate meanwhile; otherwise asks again, up to 10 times. Rejects with `unsettled` after that, with
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
    return decideOn<Events>(this, aggregateId, decider, reading)
  }

  /**
   * The log's entries in the order this store took them in, page by page. Stubs are passed over, and `count`
   * does not count them; what fills one later comes at the end, as something new. With `upcasters`, `data` is of
   * its type's current schema version, and an event of a later one says `newer`.
   */
  async *read(range: ReadRange = {}, options: ReadOptions = {}): AsyncGenerator<Entry, void> {
    const signal = signalIn('read', options)
    fields('range', range, at('read'))
    yield* this.#each(entriesOf(this.#parts, range, signal))
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
    const events = await this.#open(() => aggregateEvents(store, aggregateId, signal))
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
    yield* this.#each(this.#parts.journal.list(range, signal))
  }

  /**
   * Brings back an event that a conflict's resolution has left out: appends what it says once more, on top of
   * all heads, with `rejoin.restores` in its metadata. When that was done already and counts, on whatever node,
   * answers with that event and appends nothing. Rejects with `invalid_argument` for an event that isn't here,
   * has lost its content, or counts as it is.
   */
  restore(eventId: string, options: ReadOptions = {}): Promise<EventOf<Events>> {
    return this.#open(async () => {
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
    return this.#open(async () => {
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
    if (this.#closing !== undefined) throw closed('useRules')
    return this.#parts.rulesInUse.use(rules)
  }

  /** Calls back whenever other rules hold, whoever gave them; answers with a way to stop that. */
  onRulesChange(listener: (change: RulesChange) => void): () => void {
    aFunction('listener', listener, at('onRulesChange'))
    return this.#parts.rulesInUse.subscribe(listener)
  }

  /** The aggregate's events that no other names as parent. More than one: it was written concurrently. */
  heads(aggregateId: string, options: ReadOptions = {}): Promise<readonly EventId[]> {
    return this.#open(() => this.#parts.store.heads(aggregateId, signalIn('heads', options)))
  }

  /**
   * Erases the content of events for good, by id or all that is here of an aggregate: here at once, and on every
   * replica as it syncs. Ids, aggregate ids and tenants stay; what was erased never comes back. See
   * `EventStore.erase`.
   */
  erase(what: Erasure, options: ReadOptions = {}): Promise<Erased> {
    return this.#open(() => this.#parts.store.erase(what, signalIn('erase', options)))
  }

  /**
   * Takes the content of what snapshots stand for out of this node's store; other replicas keep theirs, and histories
   * and read models stay as they are. Waits for everybody: remotes, peers that pull from here, and all read models
   * and subscriptions in the store's file; the answer says what stood in the way. See `EventStore.compact`.
   */
  compact(options: NodeCompactOptions = {}): Promise<Compacted> {
    return this.#open(async () =>
      compactNode(fields('options', options, at('compact')), this.#parts),
    )
  }

  status(options: ReadOptions = {}): Promise<StoreStatus> {
    return this.#open(() => this.#parts.store.status(signalIn('status', options)))
  }

  /**
   * Pushes what the remote has not confirmed and pulls what it has, side by side; with `pushOnly` or
   * `pullOnly` only that. With several remotes: with each of them, or with the one that is named. Concurrent
   * calls share one run; what was appended before a call is in its result. Resolves with `ok: false` and the
   * errors for remote trouble; rejects for an abort, a closed node, and a node without a transport.
   */
  sync(options: RemoteSyncOptions = {}): Promise<SyncResult> {
    return this.#run(this.#parts.direction, options)
  }

  /** As `sync`, one way, whatever `pushOnly` and `pullOnly` say. */
  push(options: RemoteSyncOptions = {}): Promise<SyncResult> {
    return this.#run('push', options)
  }

  /** As `sync`, one way, whatever `pushOnly` and `pullOnly` say. */
  pull(options: RemoteSyncOptions = {}): Promise<SyncResult> {
    return this.#run('pull', options)
  }

  /**
   * Syncs by itself from now on, until `stopAutoSync()`, an abort of the signal, or `close()`. Does nothing when
   * it is on already; throws `invalid_argument` without an interval or `realtime`, or without a transport, and
   * `closed`. Waits do not keep the process alive. Results go to `subscribe`.
   *
   * At an `interval`: after one of them, and then one after the end of each sync, less up to a tenth by chance.
   * After a failure it waits longer, by a random part of what a doubling would add, up to five minutes, and as
   * long as the remote asks for; after a success the interval holds again. Refused events are no failure.
   *
   * With `realtime`: at once, and then whenever something is committed on either side. After a failure it waits
   * for a random part of two seconds, of four, and so on up to a minute.
   */
  startAutoSync(options: { readonly signal?: AbortSignal } = {}): void {
    const signal = signalIn('startAutoSync', options)
    if (this.#closing !== undefined) throw closed('startAutoSync')
    const { remotes, realtime } = this.#parts
    remotes.start(!realtime, signal)
  }

  /** No further sync begins by itself; one under way goes on to its end. Idempotent. */
  stopAutoSync(): void {
    this.#parts.remotes.stop()
  }

  /**
   * The network may be back: whatever automatic syncs wait for is over, as far as the remote allows. In a browser:
   * `addEventListener('online', () => node.nudge())`.
   */
  nudge(): void {
    this.#parts.remotes.nudge()
  }

  /** The links to all remotes, the primary one first: phases, statistics, and a pause for each. */
  links(): readonly NodeLink[] {
    return this.#parts.remotes.links
  }

  /**
   * What the link to a remote is doing and, if the outbox does not drain, why, since when, and when it is tried
   * again. Without a name: the primary one.
   */
  explain(remote?: string, options: ReadOptions = {}): Promise<Explanation> {
    return this.#open(async () => this.#parts.remotes.explain(remote, signalIn('explain', options)))
  }

  /**
   * Calls back after each sync, push or pull that was not aborted, automatic ones included, and after what came
   * or went by itself; answers with a way to stop that.
   */
  subscribe(onResult: (result: SyncResult) => void): () => void {
    aFunction('onResult', onResult, at('subscribe'))
    return this.#parts.remotes.subscribe(onResult)
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

  /**
   * Idempotent. When automatic syncs are on and the remote was there last (or with `flush: true`), pushes what is
   * left, for `within` milliseconds at most (default 2,000). Then automatic syncs end, a sync under way is aborted,
   * transport and store are closed. Answers with what each remote has not confirmed. When a transport can't be
   * closed, the store is closed all the same, and this rejects with what the transport says.
   */
  close(closing: LinkClosing = {}): Promise<NodeClosed> {
    if (this.#closing !== undefined) return this.#closing
    checkClosing(closing)
    // Set before anything runs: a listener to the abort may come back here.
    const { promise, resolve } = Promise.withResolvers<NodeClosed>()
    this.#closing = promise
    resolve(closeParts(this.#parts, closed('sync'), closing).then((remotes) => ({ remotes })))
    return promise
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #run(direction: Direction, options: RemoteSyncOptions): Promise<SyncResult> {
    checkSyncOptions(options)
    if (this.#closing !== undefined) throw closed('sync')
    return this.#parts.remotes.sync(direction, options)
  }

  #confirmation(events: Appended['events']): Confirmed {
    return (remote, options = {}) =>
      this.#open(async () => {
        const signal = signalIn('confirmed', options)
        const { store, filter, remotes } = this.#parts
        const named = remotes.named(remote, 'confirmed')
        const ids = events.map(({ id }) => id)
        return confirmed({ store, filter, ids, remote: named }, signal)
      })
  }

  /** As long as the node is open. */
  async *#each<T>(items: AsyncGenerator<T, void>): AsyncGenerator<T, void> {
    try {
      for (;;) {
        const next = await this.#open(() => items.next())
        if (next.done) return
        yield next.value
      }
    } finally {
      await items.return()
    }
  }

  async #open<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closing !== undefined) throw closed('use')
    return work()
  }
}

/** How a read is called off. */
export interface ReadOptions {
  readonly signal?: AbortSignal
}

/** As a store's, and how far an append goes before it resolves. */
export interface NodeAppendOptions extends AppendOptions {
  /** `local`: it is durable here; the default. `remote`: the primary remote has confirmed it. */
  readonly until?: 'local' | 'remote'
}

/** How a sync is watched and called off, and with whom it is. */
export interface RemoteSyncOptions extends SyncOptions {
  /** The name of one remote. Default: all of them. */
  readonly remote?: string
}

/**
 * Resolves when that remote (default: the primary one) has confirmed what was appended. A node that syncs by itself
 * waits for that as long as it takes; another one pushes now, and this rejects with what went wrong. Rejects with
 * `rejected` when the remote refuses an event or the node's filter keeps it here.
 */
export type Confirmed = (remote?: string, options?: ReadOptions) => Promise<void>

/** What was left when a node was closed. */
export interface NodeClosed {
  readonly remotes: readonly UnsentThere[]
}

type AppendedOf<Events extends EventMap> = Omit<Appended, 'events'> & {
  readonly events: readonly EventOf<Events>[]
  readonly confirmed: Confirmed
}

function closed(operation: string): RejoinError {
  return new RejoinError('closed', 'this node is closed', { operation, component: 'sync' })
}
