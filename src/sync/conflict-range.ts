import { fields, type Known, text, trueOrFalse, unwanted } from '../errors/check.ts'
import { at } from './where.ts'

/** Which conflicts a look at the journal wants; without any field, all. Times are milliseconds since 1970. */
export interface ConflictRange {
  /** Only this aggregate's. Costs what the aggregate has of events, whatever the rest of the log is. */
  readonly aggregateId?: string
  /** Only those with an event of this type. */
  readonly type?: string
  /** Only those whose last event was written after this moment. */
  readonly after?: number
  /** Only those whose last event was written before this moment. */
  readonly before?: number
  /** Only those that nobody has written on top of yet; `false`: only the others. */
  readonly open?: boolean
}

/** Throws `invalid_argument`. */
export function checkConflictRange(range: ConflictRange): void {
  const where = at('conflicts')
  const { aggregateId, type, after, before, open } = fields(
    'range',
    range,
    where,
    conflictRangeNames,
  )
  if (aggregateId !== undefined) text('aggregateId', aggregateId, where)
  if (type !== undefined) text('type', type, where)
  for (const [name, value] of Object.entries({ after, before }))
    if (value !== undefined && !Number.isSafeInteger(value))
      throw unwanted(name, value, 'whole milliseconds since 1970', where)
  if (open !== undefined) trueOrFalse('open', open, where)
}

const conflictRangeNames: Known<ConflictRange> = {
  aggregateId: true,
  type: true,
  after: true,
  before: true,
  open: true,
}
