import { RejoinError } from '../errors/index.ts'
import { withDeadline } from '../runtime/index.ts'
import { untilAborted } from '../transport/remote/index.ts'
import type { Cursor, Position } from '../version/index.ts'
import { parseCursor, readUpTo } from '../version/index.ts'
import { at } from './check-options.ts'
import type { ClusterLink } from './cluster-link.ts'
import type { KeyPlan } from './key-plan.ts'
import type { Membership } from './membership.ts'

/** How long to wait for a leader. */
export interface ConfirmOptions {
  readonly signal?: AbortSignal
  /** Milliseconds, after which it rejects with `timeout`. Default: as long as it takes. */
  readonly within?: number
}

/**
 * Resolves when the leader of a path has confirmed what stands there now: for a pattern, all that matches it. Waits
 * however often the leader is away, and goes on with another one when that leads the key. At once for what this
 * server leads, or shares with nobody. Rejects with `rejected` when the leader refuses it, `timeout`, `closed`, and
 * the signal's reason; what was written stays written.
 */
export async function confirmed(
  membership: Membership,
  path: string,
  storage: string,
  { signal, within }: ConfirmOptions,
): Promise<void> {
  signal?.throwIfAborted()
  const key = membership.keyOf(path, storage)
  if (key === undefined) return
  const wait = (inner: AbortSignal) => waitFor(membership, key, path, inner)
  if (within === undefined) return wait(signal ?? new AbortController().signal)
  await withDeadline(membership.settings.runtime, within, signal, () => late(path, within), wait)
}

async function waitFor(
  membership: Membership,
  key: KeyPlan,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  const { replica } = membership.storages.get(key.storage)
  const position = path.includes('*')
    ? await replica.latest(path, signal)
    : ((await replica.rows([path], signal)).found[0]?.row?.position ?? (0n as Position))
  for (;;) {
    membership.mustBeOpen('confirm')
    // Before the checkpoint is read: what moves it from here on wakes this up.
    const changed = membership.nextChange()
    if (membership.leadOf(key).leader === undefined) return
    const link = membership.leaderLink(key)
    if (link !== undefined && (await reaches(link, position, path, signal))) return
    if (link?.link.phase === 'polling') link.link.nudge()
    await untilAborted(signal, changed)
  }
}

async function reaches(
  { link, replica, filter }: ClusterLink,
  position: Position,
  path: string,
  signal: AbortSignal,
): Promise<boolean> {
  const { peer } = link
  if (peer === undefined) return false
  const { pushed, parked } = await replica.link(peer, signal)
  const refused = parked.find(({ id }) => id === path)
  if (refused !== undefined)
    throw new RejoinError('rejected', `the leader refuses ${path}: ${refused.message}`, {
      ...at('confirm'),
      retryable: refused.reason === 'clock',
      details: { path, reason: refused.reason },
    })
  return hasRead(pushed, position, filter.fingerprint)
}

function hasRead(pushed: Cursor, position: Position, fingerprint: string): boolean {
  const there = parseCursor(pushed)
  if (there === undefined) return position === 0n
  return there.filter === fingerprint && readUpTo(there) >= position
}

function late(path: string, ms: number): RejoinError {
  return new RejoinError('timeout', `the leader has not confirmed ${path} within ${ms} ms`, {
    ...at('confirm'),
    details: { path, timeout: ms },
  })
}
