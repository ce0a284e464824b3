import type { Logger } from '../../ports/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import type { HttpLimits } from '../../transport/http/limits.ts'
import type { PivotNodeStatus } from './node-status.ts'
import type { PivotKey } from './pivot-keys.ts'

/** What a peer wants to be done: `pull` of one key or of all, or `sync` of all in both directions. */
export type PivotTrigger =
  | { readonly kind: 'pull'; readonly key: string | undefined }
  | { readonly kind: 'sync' }

/** A write or delete that a peer has sent. */
export interface PeerChange {
  readonly path: string
  readonly time: bigint
  /** The address it gave as its own, when that is a known node's. */
  readonly originator: string | undefined
}

export interface PivotRoutesOptions {
  /** What is shared here; asked with each request, and looked at anew when it answers with another list. */
  readonly keys: () => readonly PivotKey[]
  /** Our own fields of `version`. */
  readonly about?: (signal: AbortSignal) => object | Promise<object>
  /** Does what is asked for. `false`: this server follows nobody. Waited for, but not for long. */
  readonly onTrigger?: (trigger: PivotTrigger) => Promise<boolean>
  /** Of the peers, for `health/nodes`; default none. */
  readonly nodes?: () => readonly PivotNodeStatus[]
  /** Whether an address is a known node's. What others send in its name is taken as from nobody known. */
  readonly isNode?: (address: string) => boolean
  /** A change is about to be joined with what is here: who is told of it need not be whom it came from. */
  readonly onChange?: (change: PeerChange) => void
  /** What a peer has sent is older than what stands here. */
  readonly onNewer?: (key: string, originator: string) => void
  /** Whether peers may hear now how far a key has come. `false`: they are to stay as they are. Default yes. */
  readonly mayTell?: (key: string) => Promise<boolean>
  /** What they hear, when this is the greatest time under a key. Default: just that. */
  readonly shown?: (key: string, latest: bigint) => bigint
  /** Where it is counted; default with the routes. */
  readonly counts?: PivotRouteTally
  readonly limits?: Partial<Omit<HttpLimits, 'event'>>
  readonly runtime?: Runtime
  readonly logger?: Logger
}

/** How often what was sent here did what, since the start. */
export interface PivotRouteCounts {
  readonly stored: number
  /** Writes that stood here already, or were older than what did. */
  readonly unchanged: number
  /** Deletes that were not newer than what stands here, such as the original sends of what it has not seen. */
  readonly ignoredDeletes: number
  readonly refused: number
}

export type PivotRouteTally = { -readonly [Name in keyof PivotRouteCounts]: number }

export function noCounts(): PivotRouteTally {
  return { stored: 0, unchanged: 0, ignoredDeletes: 0, refused: 0 }
}

export interface PivotRoutes {
  /** Answers everything below `/_pivot/`. Rejects only with the reason of the request's signal. */
  readonly handle: (request: Request) => Promise<Response>
  readonly counts: PivotRouteCounts
}
