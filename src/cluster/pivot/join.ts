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
  if (receipt.reason === 'clock')
    throw new StateRefusal(409, receipt.message, { 'retry-after': '60' })
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
  const tombstone = { path, created: 0n, updated: time, dataText: null, note: '' }
  return (await joinWrite(key, tombstone, via, signal)) === 'stored' ? 'stored' : 'ignored'
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

const nothing = { row: undefined, collected: 0n }
