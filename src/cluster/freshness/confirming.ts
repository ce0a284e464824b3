import { matchesPattern, type StateStorage } from '../../contracts/index.ts'
import { unwanted } from '../../errors/check.ts'
import { RejoinError } from '../../errors/index.ts'
import { withDeadline } from '../../runtime/index.ts'
import { positionIn } from '../../state/version-text.ts'
import { untilAborted } from '../../transport/remote/index.ts'
import type { Position } from '../../version/index.ts'
import { at } from '../configuration/check-options.ts'
import type { KeyPlan } from '../configuration/key-plan.ts'
import { offeredThere } from '../links/offered.ts'
import type { RefusedWrite } from '../links/refused.ts'
import type { Membership } from '../membership/membership.ts'

/** How long to wait for a leader. */
export interface ConfirmOptions {
  readonly signal?: AbortSignal
  /** Milliseconds, after which it rejects with `timeout`. Default: as long as it takes. */
  readonly within?: number
  /**
   * What was there at this version, as a write answers it, even if more was written since, and perhaps before the
   * leader got this. Default: what is there now, or what is written over it before the leader gets it.
   */
  readonly version?: string
}

/**
 * Resolves when the leaders of these paths have confirmed what stands there now: for a pattern, all that matches it. Waits
 * however often the leader is away, and goes on with another one when that leads the key. At once for what this
 * server leads, or shares with nobody. Rejects with `rejected` when the leader refuses it, `timeout`, `closed`, and
 * the signal's reason; what was written stays written.
 */
export async function confirmed(
  membership: Membership,
  paths: readonly string[],
  storage: string,
  { signal, within, version }: ConfirmOptions,
): Promise<void> {
  signal?.throwIfAborted()
  // A write that was made before it was closed may come here after that.
  if (membership.hasEnded) membership.mustBeOpen('confirm')
  const byKey = new Map<KeyPlan, string[]>()
  for (const path of paths) {
    const key = membership.keyOf(path, storage)
    if (key === undefined) continue
    const own = byKey.get(key)
    if (own === undefined) byKey.set(key, [path])
    else own.push(path)
  }
  const wait = async (inner: AbortSignal) => {
    await Promise.all([...byKey].map(([key, own]) => waitFor(membership, key, own, version, inner)))
  }
  const { runtime } = membership.settings
  await membership.outlasting(
    within === undefined
      ? wait(signal ?? new AbortController().signal)
      : withDeadline(runtime, within, signal, () => late(within), wait),
  )
}

async function waitFor(
  membership: Membership,
  key: KeyPlan,
  paths: readonly string[],
  version: string | undefined,
  signal: AbortSignal,
): Promise<void> {
  const { replica } = membership.storages.get(key.storage)
  const latest = () => latestOf(replica, paths, signal)
  const canMove = version === undefined && !paths.some((path) => path.includes('*'))
  let position = version === undefined ? await latest() : await positionAt(replica, version, signal)
  for (;;) {
    // Before the checkpoint is read: what moves it from here on wakes this up.
    const { hasEnded } = membership
    const changed = membership.changes.next()
    if (membership.leadOf(key).leader === undefined) return
    const link = membership.leaderLink(key)
    const there = link && (await offeredThere(link, position, signal))
    if (there !== undefined && there.read >= position) {
      const { read, refused } = there
      const own = refused.find(({ path }) => paths.some((one) => matchesPattern(one, path)))
      if (own !== undefined) throw refusedAs(own)
      // What was written over before it went has never been there: the leader has to have what stands in its place.
      const now = canMove ? await latest() : position
      if (now <= read) return
      position = now
      continue
    }
    if (hasEnded) membership.mustBeOpen('confirm')
    if (link?.link.phase === 'polling') link.link.nudge()
    await untilAborted(signal, changed)
  }
}

async function positionAt(
  replica: StateStorage,
  version: string,
  signal: AbortSignal,
): Promise<Position> {
  const position = positionIn(await replica.lineage(signal), version)
  if (position !== undefined) return position
  throw unwanted('version', version, 'what a write to this storage has answered', where)
}

/** The position of the latest change there. */
async function latestOf(
  replica: StateStorage,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<Position> {
  const patterns = paths.filter((path) => path.includes('*'))
  const { found } = await replica.rows(
    paths.filter((path) => !path.includes('*')),
    signal,
  )
  const positions = [
    ...found.map(({ row }) => row?.position ?? (0n as Position)),
    ...(await Promise.all(patterns.map((pattern) => replica.latest(pattern, signal)))),
  ]
  return positions.reduce((most, one) => (one > most ? one : most), 0n as Position)
}

function refusedAs({ path, reason, message }: RefusedWrite): RejoinError {
  return new RejoinError('rejected', `the leader refuses ${path}: ${message}`, {
    ...where,
    retryable: reason === 'clock',
    details: { path, reason },
  })
}

function late(ms: number): RejoinError {
  return new RejoinError('timeout', `the leader has not confirmed it within ${ms} ms`, {
    ...where,
    details: { timeout: ms },
  })
}

const where = at('confirm')
