export type { Journal } from './journal.ts'
export { MemoryStore, type MemoryStoreOptions } from './memory-store.ts'
export { MemoryStateStorage, type StateAtHand } from './state/memory-state-storage.ts'
