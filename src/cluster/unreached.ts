import { countUnsent } from '../link/index.ts'
import { patternFilter } from '../store/state/index.ts'
import type { KeyPlan } from './key-plan.ts'
import { recordPattern } from './leadership-record.ts'
import type { Membership } from './membership.ts'

/** How much waits for a leader there is no link to yet: that was not reached since this server was opened. */
export async function unsentToUnreached(
  membership: Membership,
  { storage }: KeyPlan,
  leader: string,
  signal?: AbortSignal,
): Promise<number> {
  const { peer = 'none', kind } = membership.knownPeers.at(storage, leader) ?? {}
  const keys = membership.keys
    .filter((key) => key.storage === storage && membership.leadOf(key).leader === leader)
    .map(({ path }) => path)
  const patterns = kind === 'pivot' ? keys : [...keys, recordPattern]
  const filter = patternFilter(patterns, membership.settings.runtime)
  const { replica } = membership.storages.get(storage)
  return (await countUnsent({ replica, peer, filter }, signal)).count
}
