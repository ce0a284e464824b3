import type {
  Confirmation,
  Identity,
  LinkState,
  PeerKnowledge,
  Settlement,
} from '../../contracts/index.ts'
import { type LinkId, newOrigin, nodeOf, type Origin } from '../../event/index.ts'
import { type Cursor, cursorAt, holds, parseCursor, readUpTo, start } from '../../version/index.ts'
import { type LinkContext, lineageOf } from './context.ts'
import type { LinkRow, LinkTables } from './tables.ts'

export function identityOf(tables: LinkTables): Identity {
  const { node, origin, position } = tables.meta
  return { node, origin, end: cursorAt(lineageOf(tables), position) }
}

export function linkState(tables: LinkTables, id: LinkId): LinkState {
  const { via, pulled, pushed, received } = tables.link(id) ?? unused
  return { generation: via, pulled, pushed, received, parked: tables.parked(id) }
}

/**
 * Another text after a link began or started over, and after a change of origin: whoever goes on from a checkpoint
 * has to look again, even where no change was committed.
 */
export function standingOf({ meta }: LinkTables): string {
  return `${meta.origin} ${meta.vias}`
}

/** The link's row, made in memory for a link never used; `setLink` keeps it. */
export function linkRow(tables: LinkTables, id: LinkId): LinkRow {
  const row = tables.link(id)
  if (row !== undefined) return row
  tables.meta.vias += 1
  return { ...unused, via: tables.meta.vias }
}

export function settle(tables: LinkTables, settlement: Settlement): boolean {
  const { via, pushed: stands } = tables.link(settlement.link) ?? unused
  if (via !== settlement.generation || stands !== settlement.expects) return false
  const link = linkRow(tables, settlement.link)
  const { pushed, acknowledged = link.acknowledged, reached: received = link.received } = settlement
  tables.setLink(settlement.link, { ...link, pushed, acknowledged, received })
  if (settlement.unparked.length > 0) tables.unpark(settlement.link, settlement.unparked)
  if (settlement.parked.length > 0) tables.park(settlement.link, settlement.parked)
  return true
}

/**
 * Starts a link over. It gets a new number, so that what once came over it counts as unsent again: the
 * other end may have lost just that.
 */
export function resetLink(tables: LinkTables, id: LinkId): void {
  const { received } = linkRow(tables, id)
  tables.meta.vias += 1
  tables.setLink(id, { ...unused, via: tables.meta.vias, received })
  tables.unpark(
    id,
    tables.parked(id).map((one) => one.id),
  )
}

export function knowledgeOf(tables: LinkTables, peer: Origin): PeerKnowledge {
  const { received, pulled } = tables.link(peer) ?? unused
  const sequence = tables.highest(peer)
  return {
    received,
    pulled,
    sequence,
    ids: sequence === 0n ? [] : tables.at(peer, sequence),
  }
}

export function confirm(
  context: LinkContext,
  peer: LinkId,
  as: Origin,
  known: PeerKnowledge & { readonly asked?: Cursor },
): Confirmation {
  const { tables } = context
  if (as !== tables.meta.origin) return 'renewed'
  if (!isOurs(tables, known)) {
    renewOrigin(context)
    return 'renewed'
  }
  const link = linkRow(tables, peer)
  if (!isBehind(known.received, link)) {
    // From the first greeting on it has a generation, which a push can be held against.
    if (tables.link(peer) === undefined) tables.setLink(peer, link)
    return 'agreed'
  }
  if (known.asked !== undefined && known.asked !== link.pushed) return 'overtaken'
  resetLink(tables, peer)
  return 'reset'
}

/** From here on this store writes under another origin; what it wrote stays as it is. */
export function renewOrigin({ tables, runtime, logger }: LinkContext): void {
  const { meta } = tables
  const former = meta.origin
  meta.origin = newOrigin(nodeOf(former), runtime)
  meta.sequence = 0n
  logger.warn('this store is a copy or an older backup: it goes on under a new origin', {
    former,
    origin: meta.origin,
  })
}

/** Whether the peer knows nothing of our origin that we don't. */
function isOurs(tables: LinkTables, known: PeerKnowledge): boolean {
  const { meta } = tables
  if (!holdsBoth(tables, known)) return false
  if (known.sequence === 0n) return true
  if (known.sequence > meta.sequence) return false
  const here = tables.at(meta.origin, known.sequence)
  return known.ids.some((id) => here.includes(id))
}

/** Whether all that a peer counts as ours is here: a copy or an older backup lacks the newest of it. */
export function holdsBoth(
  tables: LinkTables,
  { received, pulled }: Pick<PeerKnowledge, 'received' | 'pulled'>,
): boolean {
  const lineage = lineageOf(tables)
  return holds(lineage, received) && holds(lineage, pulled)
}

/**
 * Whether the peer holds less of our log than it confirmed. Of one filter, what was read under it counts; a
 * cursor under another filter is ahead only when it is the one being pushed under right now.
 */
function isBehind(received: Cursor, { acknowledged, pushed }: LinkRow): boolean {
  if (acknowledged === start) return false
  const theirs = parseCursor(received)
  const ours = parseCursor(acknowledged)
  if (theirs === undefined) return true
  if (ours === undefined) return false
  if (theirs.position !== ours.position) return theirs.position < ours.position
  if (theirs.filter === ours.filter) return readUpTo(theirs) < readUpTo(ours)
  return theirs.filter !== parseCursor(pushed)?.filter
}

const unused: LinkRow = {
  via: 0,
  pulled: start,
  pushed: start,
  acknowledged: start,
  received: start,
}
