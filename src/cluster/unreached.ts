import { countUnsent } from '../link/index.ts'
import { patternFilter } from '../store/state/index.ts'
import type { KeyPlan } from './key-plan.ts'
import { recordPattern } from './leadership-record.ts'
import type { Membership } from './membership.ts'
import { type RefusedWrite, refusedBy } from './refused.ts'

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
  const { peer, kind } = membership.knownPeers.at(storage, leader) ?? {}
  const keys = membership.keys
    .filter((key) => key.storage === storage && membership.leadOf(key).leader === leader)
    .map(({ path }) => path)
  const patterns = kind === 'pivot' ? keys : [...keys, recordPattern]
  const filter = patternFilter(patterns, membership.settings.runtime)
  const { replica } = membership.storages.get(storage)
  const { count } = await countUnsent({ replica, peer: peer ?? 'none', filter }, signal)
  return { unsent: count, refused: await refusedBy(replica, peer, signal) }
}
