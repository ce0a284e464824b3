export { restoreStore } from './restore.ts'
export { SqliteStore, type SqliteStoreOptions } from './sqlite-store.ts'
export { type VerifyOptions, type VerifyProblem, type VerifyReport, verifyStore } from './verify.ts'
