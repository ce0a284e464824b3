import { countUnsent, type Unsent } from '../../link/index.ts'
import { patternFilter } from '../../store/state/index.ts'
import type { KeyPlan } from '../configuration/key-plan.ts'
import { recordPattern } from '../configuration/own-paths.ts'
import type { UnsentToPeer } from '../links/cluster-links.ts'
import { type RefusedWrite, refusedBy } from '../links/refused.ts'
import type { Membership } from './membership.ts'

/** What waits for a leader. */
export interface Waiting {
  /** Changes that are offered to it next. */
  readonly unsent: number
  readonly refused: readonly RefusedWrite[]
}

/** What waits for a leader there is no link to yet: that was not reached since this server was opened. */
export async function waitingForUnreached(
  membership: Membership,
  { storage }: KeyPlan,
  leader: string,
  signal?: AbortSignal,
): Promise<Waiting> {
  const { peer } = membership.knownPeers.at(storage, leader) ?? {}
  const { replica } = membership.storages.get(storage)
  const { count } = await outboxFor(membership, storage, leader, signal)
  return { unsent: count, refused: await refusedBy(replica, peer, signal) }
}

/** What is left for leaders there is no link to: of those that nothing waits for, nothing is told. */
export async function leftForUnreached(membership: Membership): Promise<readonly UnsentToPeer[]> {
  const left = new Map<string, Promise<UnsentToPeer>>()
  for (const key of membership.keys) {
    const { leader: address } = membership.leadOf(key)
    if (address === undefined || membership.leaderLink(key) !== undefined) continue
    const { storage } = key
    const count = outboxFor(membership, storage, address)
    const known = count.then((unsent) => ({ address, storage, unsent }))
    // The storage may be closed: nobody knows then.
    left.set(
      `${storage} ${address}`,
      known.catch(() => ({ address, storage })),
    )
  }
  const all = await Promise.all(left.values())
  return all.filter(({ unsent }) => unsent === undefined || unsent.count > 0)
}

function outboxFor(
  membership: Membership,
  storage: string,
  leader: string,
  signal?: AbortSignal,
): Promise<Unsent> {
  const { peer, kind } = membership.knownPeers.at(storage, leader) ?? {}
  const keys = membership.keys
    .filter((key) => key.storage === storage && membership.leadOf(key).leader === leader)
    .map(({ path }) => path)
  const patterns = kind === 'pivot' ? keys : [...keys, recordPattern]
  const filter = patternFilter(patterns, membership.settings.runtime)
  const { replica } = membership.storages.get(storage)
  return countUnsent({ replica, peer: peer ?? 'none', filter }, signal)
}
