import type { Known } from '../../errors/check.ts'
import { checkedOptions, LogStore, type StoreOptions, storeOptionNames } from '../log/index.ts'
import type { Journal } from './journal.ts'
import { MemoryEngine } from './memory-engine.ts'

/** How a log in memory is opened; checked as a whole before anything else happens. */
export interface MemoryStoreOptions extends StoreOptions {
  /** Makes commits durable: an append is acknowledged when the journal has it. It stays its owner's. */
  readonly journal?: Journal
}

export const memoryStoreOptionNames: Known<MemoryStoreOptions> = {
  ...storeOptionNames,
  journal: true,
}

/**
 * An event log in memory: for tests, for servers that may forget, and for the simulator. Without a journal
 * it is gone with the process. Calls take effect one after the other.
 */
export class MemoryStore extends LogStore {
  static async open(options: MemoryStoreOptions = {}): Promise<MemoryStore> {
    const checked = checkedOptions(
      options,
      { operation: 'open', component: 'store/memory' },
      memoryStoreOptionNames,
    )
    return new MemoryStore(await MemoryEngine.open(checked), checked.limits)
  }
}
