export { append } from './append.ts'
export { apply } from './apply.ts'
export { type LogContext, lineageOf } from './context.ts'
export { draftsOf } from './drafts.ts'
export {
  confirm,
  identityOf,
  knowledgeOf,
  linkState,
  renewOrigin,
  resetLink,
  settle,
} from './links.ts'
export { changesAfter, entriesIn, eventsOf } from './pages.ts'
export { statusOf } from './status.ts'
export type { Head, LinkRow, LogMeta, LogTables, Row, ScanRange } from './tables.ts'
