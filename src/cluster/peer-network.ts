import type { LinkedChange, StateStorage, Transport } from '../contracts/index.ts'
import type { Cursor } from '../version/index.ts'
import type { Held } from './pivot/take-held.ts'
import type { Comparison } from './proofs/comparison.ts'

/** How a server of a cluster reaches others. Addresses are `host:port`. */
export interface PeerNetwork {
  /**
   * The same network for a server of the cluster of that name, all whose calls say so. Absent: nobody hears it, and who
   * is of another cluster is told by `about` alone.
   */
  as?(cluster: string): PeerNetwork

  /** Who answers at an address, and what it speaks. Rejects as transports do. */
  about(address: string, signal?: AbortSignal): Promise<PeerAbout>

  /** A native link's way to a storage there. */
  native(address: string, storage: string): Transport<LinkedChange>

  /**
   * The way to a server of the original, for these keys. `local` is what is here: it takes that to tell a delete
   * from what the other side has not seen.
   */
  pivot(address: string, keys: readonly string[], local: StateStorage): Transport<LinkedChange>

  /** What our own kind answers to one message of a comparison. Absent: nothing is compared. */
  compare?(address: string, asked: Compared, signal: AbortSignal): Promise<Comparison>

  /** Has a node of the original pull a key from here, and waits until it has. Absent: none is told of commits. */
  notify?(address: string, key: string, signal: AbortSignal): Promise<void>

  /**
   * What a node of the original has under a key. Absent: what such a node wrote while it was cut off is lost
   * as soon as it pulls.
   */
  held?(address: string, key: string, signal: AbortSignal): Promise<Held>

  /**
   * How far a node of the original has come with a key: the greatest time of what it has. Absent: what such a node
   * could not send in a short cut stays with it until it is away for longer, or started again.
   */
  activity?(address: string, key: string, signal: AbortSignal): Promise<bigint>

  /** Gives back what it holds. The cluster calls it when it is closed, after everything else. */
  close?(): Promise<void>
}

/** One message of a comparison, and what it is about there. */
export interface Compared {
  readonly storage: string
  readonly key: string
  readonly stretches: Comparison
}

/** What a server says of itself. */
export interface PeerAbout {
  /** `2.0`, or what else it speaks. */
  readonly protocol: string
  /** `2.0` exactly. */
  readonly compatible: boolean
  /** Absent: a server of the original. */
  readonly rejoin?: RejoinAbout
}

/** What our own kind says beside it. */
export interface RejoinAbout {
  readonly version: 1
  /** Its node id. */
  readonly node: string
  /** Drawn when it was opened: who hears its own has reached itself. */
  readonly instance: string
  /** The name of its cluster. Absent: that has none, or it does not know of names. */
  readonly cluster?: string
  /** As it announces itself. */
  readonly address?: string
  /** Its wall clock, milliseconds since 1970. */
  readonly time: number
  readonly keys: readonly KeyAbout[]
  /**
   * Where the feed of each of its storages ended at a time between question and answer, by their names. Absent: whoever
   * follows it knows of being level from its own pulls only.
   */
  readonly ends?: Readonly<Record<string, Cursor>>
  /** Whom else it knows and has not found away, by address, while it does not reach a leader: those it can dial. */
  readonly peers?: readonly string[]
}

/** Who leads a key, in the eyes of who is asked. */
export interface KeyAbout {
  /** Its path or pattern. */
  readonly path: string
  /** The name of the storage it lives in there. */
  readonly storage: string
  /** The leader's address. Absent: it leads itself, and knows no address of its own. */
  readonly leader?: string
  /** It reaches that leader, or is it. */
  readonly reachesLeader?: boolean
  /** When it was level with that leader last, milliseconds since 1970 by its own clock. Absent: it leads it, or does not know. */
  readonly asOf?: number
  /** It leads it whoever leads it elsewhere, and shares it only with those who follow it. */
  readonly local?: boolean
}
