import { RejoinError } from '../errors/index.ts'
import { untilAborted } from '../transport/remote/index.ts'
import { at } from './configuration/check-options.ts'
import type { KeyPlan } from './configuration/key-plan.ts'
import type { ClusterLink } from './links/cluster-link.ts'
import type { Membership } from './membership/membership.ts'
import type { PivotTransport } from './pivot/pivot-transport.ts'

/**
 * Syncs now with the leader of one key, or with all leaders; `false` when this server follows nobody there. Rejects
 * with what failed, and with the signal's reason; what is under way goes on then.
 */
export async function synchronize(
  membership: Membership,
  key: string | undefined,
  signal?: AbortSignal,
): Promise<boolean> {
  const one = key === undefined ? undefined : membership.keyOf(key)
  const keys = key === undefined ? membership.keys : one === undefined ? [] : [one]
  const followed = keys.filter((each) => membership.leadOf(each).leader !== undefined)
  const [first] = followed
  if (first === undefined) return false
  const links = new Set(followed.flatMap((each) => membership.leaderLink(each) ?? []))
  if (links.size === 0) throw away(membership, first)
  const syncs = Promise.all([...links].map((link) => syncOver(link, key, membership.closing)))
  await (signal === undefined ? syncs : untilAborted(signal, syncs))
  return true
}

/**
 * A server of the original can't say what has changed otherwise than by asking for this: it is looked at whatever it
 * seems to be, and a sync under way may have looked before.
 */
async function syncOver(
  link: ClusterLink,
  key: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { changed } = link.transport as Partial<PivotTransport>
  if (changed === undefined) return link.sync(signal)
  changed(key)
  if (link.isBusy) await link.sync(signal).catch(() => {})
  return link.sync(signal)
}

/** No link: the leader was never reached, or does not share this. */
function away(membership: Membership, key: KeyPlan): RejoinError {
  const { leader = '' } = membership.leadOf(key)
  const { error } = membership.peers.get(leader)?.health ?? {}
  const message = `there is no link to the leader ${leader}`
  return error ?? new RejoinError('unavailable', message, at('synchronize'))
}
