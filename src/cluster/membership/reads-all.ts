import { type LinkId, nodeOf } from '../../event/index.ts'
import { patternFilter } from '../../store/state/index.ts'
import type { KeyPlan } from '../configuration/key-plan.ts'
import { recordPattern } from '../configuration/own-paths.ts'
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
  const thereOf = ({ path, local }: KeyPlan): string | undefined => {
    // Of one that was never asked nobody knows: it may have all of them.
    if (about === undefined) return local ? undefined : storage
    return about.keys.find((key) => key.path === path && !key.local)?.storage
  }
  // Each of its storages reads for itself.
  const byStorage = Map.groupBy(
    keys.filter((key) => key.storage === storage),
    thereOf,
  )
  return [...byStorage].some(([there, shared]) => {
    if (there === undefined) return false
    const patterns = [...shared.map(({ path }) => path), recordPattern]
    return patternFilter(patterns, settings.runtime).fingerprint === fingerprint
  })
}
