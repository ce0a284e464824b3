import type { EventId, Filter, LinkId, LogEvent, NodeId, Origin } from '../event/index.ts'
import type { Cursor } from '../version/index.ts'
import type { Parked, Receipt } from './receipt.ts'

/**
 * What a link moves changes for: a log of events, or one state storage. Checkpoints live at both ends, as
 * in CouchDB's replication protocol.
 *
 * Every call is safe to make concurrently. A call given a signal rejects with its reason when it aborts
 * before its effect; a commit that has begun is carried through.
 */
export interface Replica<C> {
  identity(signal?: AbortSignal): Promise<Identity>

  /**
   * The changes after a cursor in position order, each one after its parents. A page that is empty still
   * advances its cursor. A cursor that was read under another filter goes on from the start, and keeps in
   * mind how far it had come. `Reset` when this replica does not hold what the cursor has seen.
   */
  changes(after: Cursor, want: Want<C>, signal?: AbortSignal): Promise<ChangePage<C>>

  /** The changes with these ids that are here, as the filter shows them, in no particular order. */
  fetch(ids: readonly EventId[], signal?: AbortSignal, filter?: Filter<C>): Promise<readonly C[]>

  /**
   * Takes a batch in, in its order: changes and cursor become durable in one commit, or none of them. Any
   * repeat is harmless.
   */
  apply(batch: Batch<C>, signal?: AbortSignal): Promise<Applied>

  /** The checkpoints of the link to that origin; the start for a link never used. */
  link(id: LinkId, signal?: AbortSignal): Promise<LinkState>

  /**
   * Writes down what a push achieved: parked changes and the new push checkpoint, in one commit. `false`,
   * and nothing written, when the checkpoint no longer stands where the push began, or the link has started
   * over since.
   */
  settle(settlement: Settlement, signal?: AbortSignal): Promise<boolean>

  /** The other end has lost what it once held: forget both checkpoints, and what came over this link. */
  resetLink(id: LinkId, signal?: AbortSignal): Promise<void>

  /** What this replica knows of a peer that says hello. */
  knowledge(peer: Origin, signal?: AbortSignal): Promise<PeerKnowledge>

  /**
   * Holds what a peer, asked under the origin `as`, knows of this replica against what it is.
   *
   * - `agreed`: go on from the link's checkpoints.
   * - `reset`: the peer has less than it once confirmed; the link starts over in the same commit.
   * - `renewed`: this is a copy or an older backup (or somebody found out meanwhile); it continues under
   *   a new origin: say hello again.
   * - `overtaken`: the peer had less when it spoke, but the link's push checkpoint is no longer `known.asked`: it
   *   may have confirmed more since. Nothing is changed; ask it again.
   *
   * `known.begins`: in the peer's log, a cursor that has read nothing, and says how far that log went when the peer
   * spoke. A replica whose changes may be answered with deletes begins to pull there, and not at the start: so the
   * peer can tell if it has let go of some since. What was pushed with nothing pulled is unsent again then.
   */
  confirm(
    peer: LinkId,
    as: Origin,
    known: PeerKnowledge & { readonly asked?: Cursor; readonly begins?: Cursor },
    signal?: AbortSignal,
  ): Promise<Confirmation>

  /** Takes a new origin, unless it has another than `as` already. */
  renewOrigin(as: Origin, signal?: AbortSignal): Promise<void>

  /**
   * Yields after each commit of changes, and after each that makes a link start over or this replica take another
   * origin: who follows a checkpoint must look again. Also after those of other processes; may join several into one,
   * and may yield for nothing.
   */
  watch(signal: AbortSignal): AsyncIterable<void>

  /** Idempotent. Calls under way finish; later ones reject with `closed`. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** Who a replica is and how far its log goes, as of one moment. */
export interface Identity {
  readonly node: NodeId
  readonly origin: Origin
  /** Everything this replica holds right now. */
  readonly end: Cursor
}

/** How much of a feed to read. At least one change comes when there is one, however large. */
export interface Want<C = LogEvent> {
  /** A whole number above 0. */
  readonly count: number
  /** Above 0, roughly: the page ends with the change that reaches it. */
  readonly bytes: number
  /** Leave out what came over this link. */
  readonly notVia?: LinkId
  /** Only what it shows: nothing of other aggregates, stubs in place of other content. */
  readonly filter?: Filter<C>
}

export type ChangePage<C> = Page<C> | Reset

export interface Page<C> {
  readonly kind: 'page'
  readonly changes: readonly C[]
  /** Go on from here. */
  readonly cursor: Cursor
  /** There was more when this page was read. */
  readonly more: boolean
  /** With `notVia`: all that came over that link, and was left out, lies before these cursors of its log. */
  readonly leftOut?: LeftOut
  /** As in `Batch`. */
  readonly orphans?: 'adopt'
  /** What stands in this stretch of the log and can't be read, as it is to be parked. */
  readonly unreadable?: readonly Parked[]
}

/** In the log of the one who asked: how far it has pushed here, and how far it was pulled from. */
export type LeftOut = Pick<PeerKnowledge, 'received' | 'pulled'>

export interface Reset {
  readonly kind: 'reset'
}

/** Changes that come over a link, in the order of the peer's log, with what they were sent on. */
export interface Batch<C> {
  readonly via: LinkId
  /** `pulled`: we asked for it. `pushed`: the peer sent it, and gets receipts. */
  readonly role: 'pulled' | 'pushed'
  readonly changes: readonly C[]
  /** In the peer's log: everything up to here is in this batch or came before. */
  readonly cursor?: Cursor
  /**
   * Where the sender of the batch believes this replica's cursor of the peer's log to stand. Another
   * cursor there means that one of the two is not what the other takes it for: nothing is taken in, and
   * the answer is `reset`. A cursor that already stands at the batch's own is a repeat, and fine.
   */
  readonly expects?: Cursor
  /** Pulled under this origin. Under another one by now, and something may have been left out wrongly. */
  readonly as?: Origin
  /**
   * What the peer left out, as the page says. When it is not all here, somebody else has brought it under
   * our origin: this is a copy or an older backup, takes a new origin, and the answer is `reset`.
   */
  readonly leftOut?: LeftOut
  /**
   * It comes from where nobody can be asked for parents. An event whose parents are unknown is taken in
   * without causality, and its header kept until they are known; it is never `missing`.
   */
  readonly orphans?: 'adopt'
  /** Parked in the same commit: the cursor goes past it. */
  readonly unreadable?: readonly Parked[]
}

/** With a pulled batch, the cursor stays where it was when a receipt says `missing`. */
export type Applied =
  | {
      readonly kind: 'applied'
      /** One for each change, in order. */
      readonly receipts: readonly Receipt[]
      /** What pulled changes have touched, such as aggregates, and has several heads now; absent for nothing. */
      readonly concurrent?: readonly string[]
    }
  | Reset

/** One link's durable checkpoints, as of one moment: where the next sync goes on, also after a crash. */
export interface LinkState {
  /** Another number after each time the link started over; 0 for a link never used. */
  readonly generation: number
  /** In the peer's log: what this replica has pulled. */
  readonly pulled: Cursor
  /** In this replica's log: everything up to here is with the peer, came from it, or is parked. */
  readonly pushed: Cursor
  /** In the peer's log: what the peer has pushed here. */
  readonly received: Cursor
  /** Refused by the peer, oldest first. */
  readonly parked: readonly Parked[]
}

/**
 * What a push achieved, against the state it began from: written down only when that state still holds, so
 * that of two pushes at once neither undoes the other.
 */
export interface Settlement {
  readonly link: LinkId
  /** The link's when the push began. */
  readonly generation: number
  /** Where the push checkpoint stood when the push began. */
  readonly expects: Cursor
  readonly pushed: Cursor
  /** The peer has written this cursor down as well; absent when there was nothing to send. */
  readonly acknowledged?: Cursor
  /** As in `PushAnswer`: from now on the link's `received`. */
  readonly reached?: Cursor
  /** Newly refused. */
  readonly parked: readonly Parked[]
  /** Parked earlier, confirmed now. */
  readonly unparked: readonly EventId[]
}

export type Confirmation = 'agreed' | 'reset' | 'renewed' | 'overtaken'

/**
 * What one end of a link has on record of the other. Held against what that other end is, it gives away a
 * copy, an older backup and a loss.
 */
export interface PeerKnowledge {
  /** The last cursor of the peer's own log that it pushed here. */
  readonly received: Cursor
  /** In the peer's log: what was pulled from it. */
  readonly pulled: Cursor
  /** The peer's highest sequence here, 0 for none, and the ids that hold it (more than one after a fork). */
  readonly sequence: bigint
  readonly ids: readonly EventId[]
}
