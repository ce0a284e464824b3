import type { HybridClock } from '../../clock/index.ts'
import type { LinkId } from '../../event/index.ts'
import type { Logger } from '../../ports/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import { type Lineage, newMark, type Position } from '../../version/index.ts'
import type { LinkTables, LogTables, ReaderRow, ReaderTables } from './tables.ts'

/** One open log, as the rules need it. */
export interface LogContext extends LinkContext, ReaderContext {
  readonly tables: LogTables
  readonly clock: HybridClock
}

/** What is known of those who read from it. */
export interface ReaderContext {
  readonly tables: ReaderTables
  readonly runtime: Runtime
  readonly heardReaders: HeardReaders
}

/** How far peers have come since that was written down; of no use any more when the row is another one. */
export type HeardReaders = Map<LinkId, { readonly now: ReaderRow; readonly kept: ReaderRow }>

/** What positions and links need of it. */
export interface LinkContext {
  readonly tables: LinkTables
  readonly runtime: Runtime
  readonly logger: Logger
  /** The lineage mark of this opening; renewed until the tables hold it. */
  mark: string
}

/** The next position; the first one after an opening begins a new lineage mark. */
export function nextPosition(context: LinkContext): Position {
  const { tables } = context
  const position = (tables.meta.position + 1n) as Position
  if (!tables.hasMark(context.mark)) {
    context.mark = newMark(context.runtime)
    tables.addMark({ mark: context.mark, first: position })
  }
  tables.meta.position = position
  return position
}

export function lineageOf(tables: LinkTables): Lineage {
  return { marks: tables.marks, end: tables.meta.position }
}
