import { matchesPattern, type Parked, type StateStorage } from '../../contracts/index.ts'
import type { LinkId } from '../../event/index.ts'

/** A write here that the leader refuses: what stands at its path is on this server only. */
export interface RefusedWrite {
  readonly path: string
  /** `clock`: it is a day or more ahead of the leader's, and goes once it is not. Others are refused for good. */
  readonly reason: Exclude<Parked['reason'], 'unreadable'>
  /** The leader's words. */
  readonly message: string
}

/** The writes here that a peer refuses, oldest first. What it has and can't be taken in here is none of them. */
export async function refusedBy(
  replica: StateStorage,
  peer: LinkId | undefined,
  signal?: AbortSignal,
): Promise<readonly RefusedWrite[]> {
  if (peer === undefined) return []
  return refusedIn(await replica.link(peer, signal))
}

export function refusedIn({ parked }: { readonly parked: readonly Parked[] }) {
  return parked.flatMap(({ id, reason, message }): RefusedWrite[] =>
    reason === 'unreadable' ? [] : [{ path: id, reason, message }],
  )
}

/** Those of one key, as many as are shown. */
export function refusedUnder(
  key: string,
  refused: readonly RefusedWrite[],
): readonly RefusedWrite[] {
  return refused.filter(({ path }) => matchesPattern(key, path)).slice(0, mostShown)
}

const mostShown = 100
