import type { Timer } from '../../runtime/index.ts'
import { untilAborted } from '../../transport/remote/index.ts'
import type { Membership } from '../membership/membership.ts'

/**
 * Brings a path level with its leader before it is read, if that is quickly done. A stream that is open has done it
 * already; a sync under way is not waited for; and after `readLimit` the read goes on with what is here. Rejects with
 * the signal's reason only.
 */
export async function beforeRead(
  membership: Membership,
  path: string,
  storage: string,
  signal?: AbortSignal,
): Promise<void> {
  signal?.throwIfAborted()
  const key = membership.keyOf(path, storage)
  const link = key && membership.leaderLink(key)
  if (key === undefined || link === undefined || !membership.reachesLeader(key)) return
  const { phase } = link.link
  if (phase === 'live' || phase === 'stopped' || phase === 'closed' || link.isBusy) return
  const { runtime, readLimit } = membership.settings
  const synced = link.sync(membership.closing).catch(() => {})
  let timer: Timer | undefined
  const late = new Promise<void>((resolve) => {
    timer = runtime.timer(readLimit, resolve)
  })
  const either = Promise.race([synced, late])
  try {
    await (signal === undefined ? either : untilAborted(signal, either))
  } finally {
    timer?.cancel()
  }
}
