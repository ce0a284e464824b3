export { restoreStore } from './restore.ts'
export { SqliteStore, type SqliteStoreOptions } from './sqlite-store.ts'
export { type SqliteStateOptions, SqliteStateStorage } from './state/sqlite-state-storage.ts'
export { type VerifyOptions, type VerifyProblem, type VerifyReport, verifyStore } from './verify.ts'
