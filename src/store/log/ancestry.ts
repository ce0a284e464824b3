import type { Receipt } from '../../contracts/index.ts'
import type { EventId, LogEvent } from '../../event/index.ts'
import type { Position } from '../../version/index.ts'
import { type Head, headOf, type LogTables } from './tables.ts'

/** What keeps an event out of causality: parents that are not here, or not of its aggregate. */
export type Unlinked = Extract<Receipt, { kind: 'missing' | 'rejected' }>

export function unknownParents(tables: LogTables, event: LogEvent): Unlinked | undefined {
  const { parents } = event
  if (parents.length === 0) return undefined
  const heads = tables.heads(event.aggregateId)
  let unknown: EventId[] | undefined
  for (const parent of parents) {
    if (heads.some((head) => head.id === parent)) continue
    const row = tables.row(parent)
    if (row === undefined) {
      unknown ??= []
      unknown.push(parent)
    } else if (row.event.aggregateId !== event.aggregateId) return strayParent(parent)
  }
  return unknown === undefined ? undefined : { kind: 'missing', parents: unknown }
}

/** Another event stands at this sequence of this origin. */
export function isClash(tables: LogTables, event: LogEvent): boolean {
  const { origin, sequence, id } = event
  if (origin === null || sequence > tables.highest(origin)) return false
  return tables.at(origin, sequence).some((other) => other !== id)
}

/**
 * The greatest stamp here that an event has to be above, whatever its writer's clock shows: its parents' and that of
 * its origin's last event; 0 where there is none.
 */
export function stampBelow(tables: LogTables, { parents, origin }: LogEvent): bigint {
  const last = origin === null ? [] : tables.at(origin, tables.highest(origin))
  let greatest = 0n
  for (const id of [...parents, ...last]) {
    const stamp = tables.row(id)?.event.stamp ?? 0n
    if (stamp > greatest) greatest = stamp
  }
  return greatest
}

/** Its aggregate's heads, once an event that nobody here can know as a parent is among them. */
export function headsWith(tables: LogTables, event: LogEvent): readonly Head[] {
  return [...headsWithout(tables, event.parents, event.aggregateId), headOf(event)]
}

/** The same for an event that was known without its header, so that others may have named it. */
export function headsWithLinked(tables: LogTables, event: LogEvent): readonly Head[] {
  const { id, parents, aggregateId } = event
  const all = { after: 0n as Position, until: lastPosition, count: Number.MAX_SAFE_INTEGER }
  for (const row of tables.scan({ ...all, aggregateId }))
    if (row.event.parents.includes(id)) return headsWithout(tables, parents, aggregateId)
  return headsWith(tables, event)
}

function headsWithout(
  tables: LogTables,
  parents: readonly EventId[],
  aggregateId: string,
): readonly Head[] {
  return tables.heads(aggregateId).filter((head) => !parents.includes(head.id))
}

function strayParent(parent: EventId): Unlinked {
  const message = `its parent ${parent} belongs to another aggregate`
  return { kind: 'rejected', reason: 'invalid', message, retryable: false }
}

const lastPosition = (2n ** 63n - 1n) as Position
