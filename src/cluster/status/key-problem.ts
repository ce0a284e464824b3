import type { KeyPlan } from '../configuration/key-plan.ts'
import { leaderSeenBy } from '../links/desired-links.ts'
import type { Membership } from '../membership/membership.ts'

/** What keeps a key from being shared with its leader, in words; `undefined` for nothing that is known here. */
export function keyProblem(membership: Membership, key: KeyPlan): string | undefined {
  const { path } = key
  const { leader, term } = membership.leadOf(key)
  const peer = leader === undefined ? undefined : membership.peers.get(leader)
  if (leader === undefined || peer === undefined) return undefined
  const { kind, keys } = peer.view
  if (kind === 'foreign')
    return `the leader ${leader} is of another cluster, "${peer.foreign}": writes wait here`
  if (kind === 'incompatible') return `the leader ${leader} speaks another protocol`
  if (kind !== 'native') return undefined
  if (!keys.some((one) => one.path === path)) return `the leader ${leader} does not share this key`
  // What a peer said last may be older than a decision that is known here.
  return term === 0n ? circleFrom(membership, leader, path) : undefined
}

/** Configurations that send each to the next, and the last one to this server. */
function circleFrom({ peers }: Membership, leader: string, path: string): string | undefined {
  const followed = [leader]
  for (let at = leader; ; followed.push(at)) {
    const peer = peers.get(at)
    const next = peer && leaderSeenBy(peer.view, path)
    if (next === undefined || followed.includes(next)) return undefined
    if (peers.isOwn(next)) return circleText(followed)
    at = next
  }
}

function circleText(followed: readonly string[]): string {
  const way = [...followed.slice(1), 'this server'].join(', which follows ')
  return `nobody leads: ${followed[0]} follows ${way}; promote one of them (rejoin cluster promote)`
}
