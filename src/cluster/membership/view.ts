import type { KeyPlan } from '../configuration/key-plan.ts'
import type { ClusterView } from '../links/desired-links.ts'
import type { Membership } from './membership.ts'

/** What decides with whom a server is linked, as it is now. */
export function viewOf(membership: Membership): ClusterView {
  const { address } = membership.settings
  const keys = membership.keys.map((key) => {
    const { leader, term } = membership.leadOf(key)
    const { path, storage } = key
    return { path, storage, isDecided: term > 0n, ...(leader !== undefined && { leader }) }
  })
  const peers = membership.peers.all.map(({ view }) => view)
  return { keys, peers, ...(address !== undefined && { address }) }
}

/** Whoever leads a key here or has led it, by configuration or by record. */
export function leadersIn(membership: Membership): readonly string[] {
  return membership.keys.flatMap((key) => {
    const { leader, previous } = membership.leadOf(key)
    return [key.leader, leader, previous].filter((one) => one !== undefined)
  })
}

/**
 * A former leader that is away, and that nobody expects back: it leads nothing, and is in no list. What it may not have
 * passed on nobody else can know, so that it is looked at and linked with as before, should it come back. Where
 * there is no list to delete it from, whom the configuration names is expected.
 */
export function isRetired(membership: Membership, address: string): boolean {
  const { peers, keys, settings } = membership
  const isNamed = (key: KeyPlan) => settings.nodesKey === undefined && key.leader === address
  return (
    peers.get(address)?.isThere === false &&
    !membership.lists(address) &&
    !keys.some((key) => membership.leadOf(key).leader === address || isNamed(key))
  )
}

/**
 * Whether to look at a peer all the time: a leader answers for others, so it looks at all of them; a member looks at
 * those who lead, and at all once it has to help itself.
 */
export function isWatched(membership: Membership, address: string): boolean {
  return membership.keys.some((key) => {
    const { leader, previous } = membership.leadOf(key)
    const isOnItsOwn = leader === undefined || !membership.reachesLeader(key)
    return isOnItsOwn || leader === address || previous === address
  })
}
