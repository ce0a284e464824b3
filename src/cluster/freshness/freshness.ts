import type { ClusterLink } from '../links/cluster-link.ts'
import { type RefusedWrite, refusedBy, refusedUnder } from '../links/refused.ts'
import type { Membership } from '../membership/membership.ts'
import { type Waiting, waitingForUnreached } from '../membership/unreached.ts'

/** How far what is read here may lag behind the leader. */
export interface Freshness {
  /**
   * All that the leader had at this time is here: milliseconds since 1970 by this server's clock. Absent: not known
   * since this server was opened. For what this server leads, and what it shares with nobody: now.
   */
  readonly asOf?: number
  readonly leaderReachable: boolean
  /**
   * Writes here that the leader has not confirmed, counted up to a thousand or so, over all keys that go the same
   * way; for a leader that was never reached, all there is. What it refuses is among them.
   */
  readonly pendingWrites: number
  /**
   * Writes of this key that the leader refuses, and why; the first hundred. Absent: none. They stand here, and
   * nowhere else: write something else there, or take them back.
   */
  readonly refused?: readonly RefusedWrite[]
}

export async function freshness(
  membership: Membership,
  path: string,
  storage: string,
  signal?: AbortSignal,
): Promise<Freshness> {
  const key = membership.keyOf(path, storage)
  const leader = key && membership.leadOf(key).leader
  if (key === undefined || leader === undefined)
    return { asOf: membership.settings.runtime.now(), leaderReachable: true, pendingWrites: 0 }
  const asOf = membership.levelAt(key)
  const link = membership.leaderLink(key)
  const { unsent, refused } =
    (link && (await waitingOn(link, signal))) ??
    (await waitingForUnreached(membership, key, leader, signal))
  const own = refusedUnder(key.path, refused)
  return {
    ...(asOf !== undefined && { asOf }),
    leaderReachable: membership.reachesLeader(key),
    pendingWrites: unsent + refused.length,
    ...(own.length > 0 && { refused: own }),
  }
}

async function waitingOn(
  { link, replica }: ClusterLink,
  signal?: AbortSignal,
): Promise<Waiting | undefined> {
  const unsent = await link.unsent(signal)
  return unsent && { unsent: unsent.count, refused: await refusedBy(replica, link.peer, signal) }
}
