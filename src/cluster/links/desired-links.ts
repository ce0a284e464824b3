import type { KeyAbout } from '../peer-network.ts'

/** All that decides with whom a server is linked. */
export interface ClusterView {
  /** This server's address; absent when it knows none. */
  readonly address?: string
  readonly keys: readonly KeyView[]
  /** Other servers it knows of. */
  readonly peers: readonly PeerView[]
}

export interface KeyView {
  readonly path: string
  /** The name of its storage here. */
  readonly storage: string
  /** Absent: this server leads it. */
  readonly leader?: string
  /** Somebody has decided it: there is a record that others may not know. */
  readonly isDecided: boolean
}

export interface PeerView {
  readonly address: string
  /** `unknown`: it has never answered. */
  readonly kind: PeerKind
  /** It answered when it was last asked. */
  readonly isThere: boolean
  /** It has not answered for so long that others help themselves. */
  readonly isAway: boolean
  /** What a native one says of its keys. */
  readonly keys: readonly KeyAbout[]
  /** As it announces itself. */
  readonly announced?: string
  /** Whom it knows and may reach; absent when it does not say. */
  readonly reaches?: readonly string[]
}

/**
 * - `native`: our own kind. `pivot`: a server of the original. `incompatible`: it speaks another protocol.
 * - `foreign`: our own kind, of a cluster with another name.
 * - `unknown`: it has never answered.
 */
export type PeerKind = 'native' | 'pivot' | 'incompatible' | 'foreign' | 'unknown'

/** One link there is to be: from a storage here to a storage there, for these keys. */
export interface DesiredLink {
  readonly address: string
  readonly kind: 'native' | 'pivot'
  readonly storage: string
  readonly there: string
  /** Sorted, nothing twice. */
  readonly keys: readonly string[]
  /** Why, sorted. */
  readonly reasons: readonly LinkReason[]
}

/**
 * - `leader`: it leads a key that is followed here.
 * - `member`: the leader is away, and members keep each other up to date.
 * - `leadership`: it takes somebody else for the leader; the link brings one of both the later record.
 */
export type LinkReason = 'leader' | 'member' | 'leadership'

/**
 * With whom a server is linked, as a function of what it knows. Sorted by address and storage.
 *
 *     member ──▶ leader                        always
 *     member ──▶ member                        while the leader is away from the one that dials
 *     whoever knows of a decision ──▶ whoever takes somebody else for the leader     until they agree
 */
export function desiredLinks(view: ClusterView): readonly DesiredLink[] {
  const wanted = new Map<string, Wanted>()
  for (const key of view.keys)
    for (const { peer, reason } of waysFor(key, view)) want(wanted, key, peer, reason)
  return [...wanted.entries()]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([, { keys, reasons, ...link }]) => ({
      ...link,
      keys: [...keys].toSorted(),
      reasons: [...reasons].toSorted(),
    }))
}

/** Who leads a key in the eyes of a peer; `undefined` when it says nothing of that key. */
export function leaderSeenBy(peer: PeerView, path: string): string | undefined {
  const key = peer.keys.find((one) => one.path === path)
  return key && (key.leader ?? peer.announced ?? peer.address)
}

interface Way {
  readonly peer: PeerView
  readonly reason: LinkReason
}

type Wanted = Pick<DesiredLink, 'address' | 'kind' | 'storage' | 'there'> & {
  readonly keys: Set<string>
  readonly reasons: Set<LinkReason>
}

function* waysFor(key: KeyView, { address, peers }: ClusterView): Iterable<Way> {
  const leader = peers.find((peer) => peer.address === key.leader)
  if (leader !== undefined && isLinkable(leader, key)) yield { peer: leader, reason: 'leader' }
  const isAway = key.leader !== undefined && leader?.isAway !== false
  for (const peer of peers) {
    if (peer === leader || !isFellow(peer, key)) continue
    if (isAway && peer.isThere && dials(address, peer, key)) yield { peer, reason: 'member' }
    const decided = key.isDecided ? (key.leader ?? address) : undefined
    if (decided !== undefined && leaderSeenBy(peer, key.path) !== decided)
      yield { peer, reason: 'leadership' }
  }
}

/** Of two members the one with the lower address dials; the other one if that one can't, or has its leader. */
function dials(own: string | undefined, peer: PeerView, { path }: KeyView): boolean {
  if (own === undefined || own < (peer.announced ?? peer.address)) return true
  if (peer.reaches?.includes(own) === false) return true
  return peer.keys.some((key) => key.path === path && key.reachesLeader === true)
}

/** Of our own kind, and its key is the same as ours. */
function isFellow({ kind, keys }: PeerView, { path }: KeyView): boolean {
  return kind === 'native' && keys.some((key) => key.path === path && key.local !== true)
}

/** Our own kind is asked for no key that it does not have. */
function isLinkable({ kind, keys }: PeerView, { path }: KeyView): boolean {
  return kind === 'pivot' || (kind === 'native' && keys.some((key) => key.path === path))
}

function want(
  wanted: Map<string, Wanted>,
  { path, storage }: KeyView,
  { address, kind, keys }: PeerView,
  reason: LinkReason,
): void {
  const there = keys.find((key) => key.path === path)?.storage ?? storage
  const id = `${address} ${storage} ${there}`
  const link = wanted.get(id) ?? {
    address,
    kind: kind === 'pivot' ? 'pivot' : 'native',
    storage,
    there,
    keys: new Set<string>(),
    reasons: new Set<LinkReason>(),
  }
  link.keys.add(path)
  link.reasons.add(reason)
  wanted.set(id, link)
}
