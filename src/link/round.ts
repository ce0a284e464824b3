import type { Change } from './change.ts'
import type { CheckedSetup, Round } from './link-setup.ts'
import { type Greetings, syncOnce } from './sync-once.ts'

/** One sync of a link: its own, or that of whoever shares syncs with others. */
export async function roundOf<C extends Change>(
  setup: CheckedSetup<C>,
  greetings: Greetings<C>,
  signal: AbortSignal,
): Promise<Round> {
  const { round, replica, transport, directions, batch, adapts, filter, logger, runtime } = setup
  if (round !== undefined) return round(signal)
  const most = adapts ? { bytes: batch.bytes } : batch
  const given = { ...(filter && { filter }), logger, runtime }
  return syncOnce({ replica, transport, directions, batch: most, ...given }, signal, greetings)
}
