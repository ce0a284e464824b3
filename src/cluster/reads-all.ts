import { type LinkId, nodeOf } from '../event/index.ts'
import { patternFilter } from '../store/state/index.ts'
import { recordPattern } from './leadership-record.ts'
import type { Membership } from './membership.ts'

/**
 * Whether who reads a storage here under a filter, told by its fingerprint, is shown all that it shares with this server. Who
 * follows another leader for a part is not: however far it has come, it has seen no delete of that part.
 */
export function readsAll(
  { keys, peers, settings }: Membership,
  storage: string,
  reader: LinkId,
  fingerprint: string,
): boolean {
  const node = nodeOf(reader)
  const about = peers.all.find((peer) => peer.about?.rejoin?.node === node)?.about?.rejoin
  // Of one that was never asked nobody knows: it may have all of them.
  const isShared = (path: string) => about?.keys.some((key) => key.path === path && !key.local)
  const shared = keys
    .filter((key) => key.storage === storage)
    .filter(({ path, local }) => isShared(path) ?? !local)
    .map(({ path }) => path)
  if (shared.length === 0) return false
  return patternFilter([...shared, recordPattern], settings.runtime).fingerprint === fingerprint
}
