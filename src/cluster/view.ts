import type { ClusterView } from './desired-links.ts'
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
