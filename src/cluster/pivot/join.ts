import { type Receipt, type StateChange, timeOf } from '../../contracts/index.ts'
import type { LinkId } from '../../event/index.ts'
import { StateRefusal } from '../../state/server/refusal.ts'
import type { PivotKey } from './pivot-keys.ts'

/**
 * What became of a change that a peer has sent. `unchanged`: it stands here already, or loses against what does;
 * `newer`: the latter, and the peer may want to know.
 */
export type Joined = 'stored' | 'unchanged' | 'newer'

/**
 * Joins a write from a peer with what stands here, as a link joins its changes: replicated, and not sent back over
 * that peer's link. Throws a refusal for what can't be stored, and then nothing has changed.
 */
export async function joinWrite(
  { storage }: PivotKey,
  write: StateChange,
  via: LinkId,
  signal: AbortSignal,
): Promise<Joined> {
  const receipt = await take(storage, write, via, signal)
  if (receipt.kind === 'stored') return 'stored'
  const { found } = await storage.rows([write.path], signal)
  const [{ row, collected } = nothing] = found
  if (receipt.kind !== 'rejected')
    return row !== undefined && timeOf(row) > timeOf(write) ? 'newer' : 'unchanged'
  if (receipt.reason === 'clock') throw tooEarly(receipt.message)
  const isOutlived = row === undefined && timeOf(write) <= collected
  throw new StateRefusal(isOutlived ? 409 : 400, receipt.message)
}

/**
 * Deletes what is older than the delete. One that is not newer than what stands there is what the original sends of
 * what it has not seen yet: obeyed, it would destroy acknowledged writes.
 */
export async function joinDelete(
  key: PivotKey,
  path: string,
  time: bigint,
  via: LinkId,
  signal: AbortSignal,
): Promise<'stored' | 'ignored'> {
  const { found } = await key.storage.rows([path], signal)
  const [{ row, collected } = nothing] = found
  if (time <= (row === undefined ? collected : timeOf(row))) return 'ignored'
  const joined = await joinWrite(key, tombstone(path, time), via, signal)
  return joined === 'stored' ? 'stored' : 'ignored'
}

/**
 * Deletes of a whole list what is older than the delete; `ignored`: there is something, and all of it is newer.
 * `coming` hears of each path before it goes.
 */
export async function joinListDelete(
  { path: pattern, storage }: PivotKey,
  time: bigint,
  via: LinkId,
  signal: AbortSignal,
  coming: (path: string) => void,
): Promise<'stored' | 'ignored'> {
  const { rows } = await storage.list({ pattern, order: 'path' }, signal)
  const older = rows.filter((row) => timeOf(row) < time)
  for (let from = 0; from < older.length; from += atOnce) {
    const changes = older.slice(from, from + atOnce).map(({ path }) => tombstone(path, time))
    for (const { path } of changes) coming(path)
    const applied = await storage.apply({ via, role: 'pushed', changes }, signal)
    const [receipt] = applied.kind === 'applied' ? applied.receipts : []
    // One time for all of them: where the clock stands in the way of one, it does of each.
    if (receipt?.kind === 'rejected' && receipt.reason === 'clock') throw tooEarly(receipt.message)
  }
  return rows.length > 0 && older.length === 0 ? 'ignored' : 'stored'
}

function tooEarly(message: string): StateRefusal {
  return new StateRefusal(409, message, { 'retry-after': '60' })
}

function tombstone(path: string, time: bigint): StateChange {
  return { path, created: 0n, updated: time, dataText: null, note: '' }
}

async function take(
  storage: PivotKey['storage'],
  change: StateChange,
  via: LinkId,
  signal: AbortSignal,
): Promise<Receipt> {
  const applied = await storage.apply({ via, role: 'pushed', changes: [change] }, signal)
  // Without a cursor that is expected, nothing is ever reset.
  return (applied.kind === 'applied' && applied.receipts[0]) || { kind: 'duplicate' }
}

/** Changes, in one commit. */
const atOnce = 1_000
const nothing = { row: undefined, collected: 0n }
