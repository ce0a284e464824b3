export { headsWith, headsWithLinked } from './ancestry.ts'
export { checkBatch, checkWant } from './check-calls.ts'
export { limitsOf } from './compact.ts'
export type { HeardReaders } from './context.ts'
export {
  type LinkContext,
  type LogContext,
  lineageOf,
  nextPosition,
  type ReaderContext,
} from './context.ts'
export { appendLimits } from './drafts.ts'
export { freshMeta } from './fresh.ts'
export { confirmIn, LinkedStore, type StoreEngine } from './linked-store.ts'
export {
  holdsBoth,
  linkRow,
  renewOrigin,
  resetLink,
  standingOf,
} from './links.ts'
export { type LogEngine, LogStore } from './log-store.ts'
export { answerPage, type PageAnswers, type PageKind, type PageRequest } from './page-request.ts'
export { keepReaders } from './readers.ts'
export { checkedOptions, type StoreOptions, storeOptionNames } from './store-options.ts'
export type {
  FirstPlace,
  Head,
  KeptOrphan,
  LinkRow,
  LinkTables,
  LogMeta,
  LogTables,
  ReaderRow,
  ReaderTables,
  Row,
  ScanRange,
} from './tables.ts'
export { Watchers } from './watchers.ts'
