import {
  type Applied,
  type Batch,
  type Receipt,
  type StateChange,
  sameChange,
  timeOf,
} from '../../contracts/index.ts'
import type { EventId, LinkId } from '../../event/index.ts'
import { start } from '../../version/index.ts'
import { holdsBoth, linkRow, nextPosition, renewOrigin } from '../log/index.ts'
import type { StateContext } from './context.ts'
import { graveOf, LateChanges } from './late.ts'
import { collected, refusalOf } from './refusal.ts'
import type { Row } from './tables.ts'

/**
 * Joins changes from a peer with what stands here, and keeps the cursor that covers them (L4, T1). All is
 * decided before the first row is written, so that whatever a policy throws leaves nothing behind.
 */
export function apply(context: StateContext, batch: Batch<StateChange>): Applied {
  const { tables } = context
  const { pulled = start, received = start } = tables.link(batch.via) ?? {}
  const stands = batch.role === 'pulled' ? pulled : received
  const { expects, cursor, as, leftOut } = batch
  if (as !== undefined && as !== tables.meta.origin) return { kind: 'reset' }
  if (leftOut !== undefined && !holdsBoth(tables, leftOut)) {
    renewOrigin(context)
    return { kind: 'reset' }
  }
  if (expects !== undefined && stands !== expects && stands !== cursor) return { kind: 'reset' }

  const joined = new Map<string, Joined>()
  const late = new LateChanges(context)
  const standing = { joined, late, times: timesOf(context, batch.changes) }
  const receipts = batch.changes.map((change) => take(context, change, batch, standing))
  const link = linkRow(tables, batch.via)
  for (const { change, isTheirs } of joined.values()) {
    const { path, created, updated, dataText, note } = change
    const via = isTheirs ? link.via : null
    tables.put({
      position: nextPosition(context),
      path,
      created,
      updated,
      dataText,
      note,
      via,
    })
    context.clock.observe(timeOf(change))
  }
  keepLate(context, batch.via, late.list)
  if (cursor !== undefined && cursor !== stands) {
    const moved = batch.role === 'pulled' ? { pulled: cursor } : { received: cursor }
    tables.setLink(batch.via, { ...link, ...moved })
  } else if (batch.changes.length > 0) tables.setLink(batch.via, link)
  if (batch.role === 'pulled') {
    tables.meta.reads = true
    unparkLevel(context, batch)
    parkRefused(context, batch, receipts)
  }
  return { kind: 'applied', receipts }
}

/** What stands at a path after this batch, and whether the peer has it just so. */
interface Joined {
  readonly change: StateChange
  readonly isTheirs: boolean
}

interface Standing {
  readonly joined: Map<string, Joined>
  readonly late: LateChanges
  /** Of rows whose policy asks for no more. */
  readonly times: ReadonlyMap<string, bigint>
}

/** Paths from elsewhere may be anything: what breaks a rule is refused later. */
function timesOf(
  { tables, policies }: StateContext,
  changes: readonly StateChange[],
): ReadonlyMap<string, bigint> {
  const paths = new Set<string>()
  for (const { path } of changes) if (policies.of(path).latest) paths.add(path)
  return tables.times([...paths])
}

function take(
  context: StateContext,
  change: StateChange,
  batch: Batch<StateChange>,
  { joined, late, times }: Standing,
): Receipt {
  const { tables, policies, runtime } = context
  const { path } = change
  const earlier = joined.get(path)?.change
  const known = () => {
    const stands = earlier ?? tables.row(path)
    const time = stands === undefined ? 0n : timeOf(stands)
    const forgotten = late.forgotten(path)
    return forgotten > time ? forgotten : time
  }
  const refusal = refusalOf(context, change, batch.role, known)
  if (refusal !== undefined) return refusal
  const policy = policies.of(path)
  if (policy.latest) {
    const stands = earlier === undefined ? times.get(path) : timeOf(earlier)
    const time = timeOf(change)
    if (stands !== undefined && stands > time) return duplicate
    if (stands !== undefined && stands < time && !late.isForgotten(change))
      return theirs(joined, change)
  }
  const held = earlier ?? tables.row(path)
  if (late.isLate(held, change)) {
    if (!late.add(change)) return collected(path)
    const grave = graveOf(change, policy)
    const merged = held === undefined ? grave : policy.merge(held, grave, runtime)
    stand(joined, { change: merged, isTheirs: false })
    return duplicate
  }
  if (held === undefined) return late.isForgotten(change) ? duplicate : theirs(joined, change)
  const result = policy.merge(held, change, runtime)
  if (sameChange(result, held)) return duplicate
  return stand(joined, { change: result, isTheirs: sameChange(result, change) })
}

function theirs(joined: Map<string, Joined>, change: StateChange): Receipt {
  return stand(joined, { change, isTheirs: true })
}

function stand(joined: Map<string, Joined>, now: Joined): Receipt {
  const { path } = now.change
  // Taken out first, so that it stands in the order of the last change.
  joined.delete(path)
  joined.set(path, now)
  return stored
}

/** What stands at these paths is what the peer has: it refuses nothing there any more, and nothing is missing here. */
function unparkLevel({ tables }: StateContext, { via, changes }: Batch<StateChange>): void {
  const parked = new Set<string>(tables.parked(via).map(({ id }) => id))
  if (parked.size === 0) return
  const level = changes.filter((change) => {
    const row = parked.has(change.path) && tables.row(change.path)
    return row && sameChange(row, change)
  })
  if (level.length > 0)
    tables.unpark(
      via,
      level.map(({ path }) => path as EventId),
    )
}

/** The cursor goes past what can't be taken in, so it is written down. */
function parkRefused(
  { tables }: StateContext,
  { via, changes, unreadable = [] }: Batch<StateChange>,
  receipts: readonly Receipt[],
): void {
  if (unreadable.length > 0) tables.park(via, unreadable)
  receipts.forEach((receipt, at) => {
    if (receipt.kind !== 'rejected') return
    const { path } = changes[at] as StateChange
    const message = `can't be taken in: ${receipt.message}`
    tables.park(via, [{ id: path as EventId, reason: 'unreadable', message }])
  })
}

/** Neither in nor out without a word. */
function keepLate(
  { tables, runtime, logger }: StateContext,
  via: LinkId,
  late: readonly StateChange[],
): void {
  if (late.length === 0) return
  const at = runtime.now()
  for (const { path, created, updated, dataText, note } of late) {
    const { position } = tables.row(path) as Row
    const change = { path, created, updated, dataText, note }
    tables.keepLate({ position, change, via, at })
  }
  logger.warn('writes came that are older than forgotten deletes: they are kept aside', {
    via,
    count: late.length,
    paths: late.slice(0, 5).map(({ path }) => path),
  })
}

const stored: Receipt = { kind: 'stored' }
const duplicate: Receipt = { kind: 'duplicate' }
