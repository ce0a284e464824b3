import type { LinkId } from '../../event/index.ts'
import { countUnsent } from '../../link/index.ts'
import { type Cursor, type Position, parseCursor, readUpTo } from '../../version/index.ts'
import type { ClusterLink } from './cluster-link.ts'
import { type RefusedWrite, refusedBy, refusedIn } from './refused.ts'

/**
 * How far the feed here has been offered there, and what of it is refused; `undefined`: nobody knows. What came from
 * there need not be written down as offered, so where that ends before `position` the outbox is looked at.
 */
export async function offeredThere(
  of: ClusterLink,
  position: Position,
  signal: AbortSignal,
): Promise<Offered | undefined> {
  const { link, replica, filter } = of
  const { peer } = link
  if (peer === undefined) return undefined
  const state = await replica.link(peer, signal)
  const read = readUpToUnder(state.pushed, filter.fingerprint)
  if (read === undefined) return undefined
  if (read >= position || !(await isAllSent(of, peer, signal)))
    return { read, refused: refusedIn(state) }
  // What was refused meanwhile counts.
  return { read: position, refused: await refusedBy(replica, peer, signal) }
}

export interface Offered {
  readonly read: Position
  readonly refused: readonly RefusedWrite[]
}

async function isAllSent(
  { link, replica, filter }: ClusterLink,
  peer: LinkId,
  signal: AbortSignal,
): Promise<boolean> {
  const first = await countUnsent({ replica, peer, filter }, signal, 1)
  if (first.count > 0) return false
  // The link may know better where to read on.
  const { count, more } = (first.more && (await link.unsent(signal))) || first
  return count === 0 && !more
}

function readUpToUnder(pushed: Cursor, fingerprint: string): Position | undefined {
  const there = parseCursor(pushed)
  if (there === undefined) return 0n as Position
  return there.filter === fingerprint ? readUpTo(there) : undefined
}
