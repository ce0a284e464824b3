import type { ClusterLink } from './cluster-link.ts'
import type { Membership } from './membership.ts'
import { refusedFor } from './refused.ts'
import { unsentToUnreached } from './unreached.ts'

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
   * way; for a leader that was never reached, all there is. What it refuses because of a clock waits as well.
   */
  readonly pendingWrites: number
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
  const waiting = link && (await waitingOn(link, signal))
  return {
    ...(asOf !== undefined && { asOf }),
    leaderReachable: membership.reachesLeader(key),
    pendingWrites: waiting ?? (await unsentToUnreached(membership, key, leader, signal)),
  }
}

async function waitingOn(
  { link, replica }: ClusterLink,
  signal?: AbortSignal,
): Promise<number | undefined> {
  const unsent = await link.unsent(signal)
  return unsent && unsent.count + (await refusedFor(replica, link.peer, signal))
}
