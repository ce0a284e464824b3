import type { ClockLimits } from '../../clock/index.ts'
import type { Known } from '../../errors/check.ts'
import type { EventLimits } from '../../event/index.ts'
import type { Logger } from '../../ports/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import { checkedOptions, LogStore } from '../log/index.ts'
import type { Journal } from './journal.ts'
import { MemoryEngine } from './memory-engine.ts'

/** How a log in memory is opened; checked as a whole before anything else happens. */
export interface MemoryStoreOptions {
  /** `[A-Za-z0-9._-]{1,255}`; default: drawn at random. */
  readonly node?: string
  readonly limits?: Partial<EventLimits>
  readonly clock?: Partial<ClockLimits>
  readonly logger?: Logger
  readonly runtime?: Runtime
  /** Makes commits durable: an append is acknowledged when the journal has it. */
  readonly journal?: Journal
  /** Gives up opening; the journal stays its owner's. Once the store is open, this has no effect. */
  readonly signal?: AbortSignal
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

const memoryStoreOptionNames: Known<MemoryStoreOptions> = {
  node: true,
  limits: true,
  clock: true,
  logger: true,
  runtime: true,
  journal: true,
  signal: true,
}
