import type { StateStorage } from '../contracts/index.ts'
import type { LinkId } from '../event/index.ts'

/** How many writes here a peer refuses for now, because of a clock: they are offered again until it takes them. */
export async function refusedFor(
  replica: StateStorage,
  peer: LinkId | undefined,
  signal?: AbortSignal,
): Promise<number> {
  if (peer === undefined) return 0
  const { parked } = await replica.link(peer, signal)
  return parked.filter(({ reason }) => reason === 'clock').length
}
