export type { Journal } from './journal.ts'
export { MemoryStore, type MemoryStoreOptions } from './memory-store.ts'
export { MemoryStateStorage } from './state/memory-state-storage.ts'
