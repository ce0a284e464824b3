import type { RejoinError } from '../../errors/index.ts'
import type { Explanation } from '../../link/index.ts'
import { type Freshness, freshness } from '../freshness/freshness.ts'
import type { ForgottenKey } from '../leadership/followed-leaders.ts'
import type { LinkReason } from '../links/desired-links.ts'
import type { Membership } from '../membership/membership.ts'
import { isRetired } from '../membership/view.ts'
import type { PeerHealth } from '../peers/peer.ts'
import type { PivotRouteCounts } from '../pivot/route-options.ts'
import type { KeyProof } from '../proofs/proofs.ts'
import { keyProblem } from './key-problem.ts'

/** A server's part in its cluster, as of one moment. Times are milliseconds since 1970. */
export interface ClusterStatus {
  readonly node: string
  /** The cluster's name; absent: it has none. */
  readonly cluster?: string
  readonly address?: string
  /** In the words of the original: leads all keys, follows in all, some of both, or has none. */
  readonly role: ClusterRole
  /** What is wrong with this server itself, each in a sentence. */
  readonly problems: readonly string[]
  readonly keys: readonly KeyStatus[]
  readonly peers: readonly PeerStatus[]
  /** What became of what servers of the original have sent here, since this one was opened. */
  readonly pivot: PivotRouteCounts
}

export type ClusterRole = 'pivot' | 'node' | 'mixed' | 'none'

export interface KeyStatus extends Freshness {
  readonly path: string
  readonly storage: string
  readonly role: 'leader' | 'member'
  /** The leader's address; absent when this server leads and knows no address of its own. */
  readonly leader?: string
  /** When somebody decided so, nanoseconds since 1970; 0: the configuration says so. */
  readonly term: bigint
  /** What the configuration says, when somebody has decided otherwise. */
  readonly configured?: string
  /** What comparing it with its leader has shown; absent before the first time, and where this server leads. */
  readonly proof?: KeyProof
  /** What was dropped of it when the configuration named this leader: see `onLeaderChange`. */
  readonly forgotten?: ForgottenKey
  /** Something keeps this key from being shared with its leader. */
  readonly problem?: string
}

export interface PeerStatus extends PeerHealth {
  /** It led once, is away, and nobody expects it back: it leads nothing and is in no list. It is still looked for. */
  readonly retired?: true
  readonly links: readonly PeerLinkStatus[]
}

/** What a link does, and what keeps it from draining its outbox. */
export interface PeerLinkStatus extends Omit<Explanation, 'remote'> {
  readonly storage: string
  readonly keys: readonly string[]
  readonly reasons: readonly LinkReason[]
  /** When all that the peer had was last known to be here. Absent: never, since this server was opened. */
  readonly levelAt?: number
  /** What went wrong last, as long as it does. */
  readonly error?: RejoinError
}

export async function statusOf(
  membership: Membership,
  signal?: AbortSignal,
): Promise<ClusterStatus> {
  const { name, address } = membership.settings
  const [keys, peers] = await Promise.all([keysOf(membership, signal), peersOf(membership, signal)])
  return {
    node: membership.node,
    ...(name !== undefined && { cluster: name }),
    ...(address !== undefined && { address }),
    role: roleOf(membership),
    problems: membership.problems,
    keys,
    peers,
    pivot: { ...membership.notices.counts },
  }
}

export function roleOf(membership: Membership): ClusterRole {
  const { keys } = membership
  const led = keys.filter((key) => membership.leadOf(key).leader === undefined).length
  if (keys.length === 0) return 'none'
  if (led === keys.length) return 'pivot'
  return led === 0 ? 'node' : 'mixed'
}

function keysOf(membership: Membership, signal?: AbortSignal): Promise<readonly KeyStatus[]> {
  const { address } = membership.settings
  return Promise.all(
    membership.keys.map(async (key): Promise<KeyStatus> => {
      const { path, storage } = key
      const { leader, term } = membership.leadOf(key)
      const shown = leader ?? address
      const problem = keyProblem(membership, key)
      const forgotten = membership.followed.forgotten(key)
      const proof = leader === undefined ? undefined : membership.proofs.of(path)
      return {
        path,
        storage,
        role: leader === undefined ? 'leader' : 'member',
        ...(shown !== undefined && { leader: shown }),
        term,
        ...(term > 0n &&
          key.leader !== undefined &&
          key.leader !== shown && { configured: key.leader }),
        ...(await freshness(membership, path, storage, signal)),
        ...(proof && { proof }),
        ...(forgotten && { forgotten }),
        ...(problem !== undefined && { problem }),
      }
    }),
  )
}

function peersOf(membership: Membership, signal?: AbortSignal): Promise<readonly PeerStatus[]> {
  const { peers, links } = membership
  return Promise.all(
    peers.all.map(async ({ address, health }): Promise<PeerStatus> => {
      const own = links.all.filter(({ desired }) => desired.address === address)
      const told = own.map(async ({ desired, link, levelAt }): Promise<PeerLinkStatus> => {
        const { remote: _, ...explanation } = await link.explain(signal)
        const { storage, keys, reasons } = desired
        const error = explanation.blocked?.error
        return {
          ...{ storage, keys, reasons },
          ...explanation,
          ...(levelAt !== undefined && { levelAt }),
          ...(error && { error }),
        }
      })
      const retired = isRetired(membership, address) && { retired: true as const }
      return { ...health, ...retired, links: await Promise.all(told) }
    }),
  )
}
