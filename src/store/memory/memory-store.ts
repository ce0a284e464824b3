import type { ClockLimits } from '../../clock/index.ts'
import type { EventLimits } from '../../event/index.ts'
import { type Logger, silentLogger } from '../../ports/index.ts'
import { type Runtime, systemRuntime } from '../../runtime/index.ts'
import { LogStore } from '../log/index.ts'
import type { Journal } from './journal.ts'
import { MemoryEngine } from './memory-engine.ts'

export interface MemoryStoreOptions {
  /** `[A-Za-z0-9._-]{1,255}`; default: drawn at random. */
  readonly node?: string
  readonly limits?: Partial<EventLimits>
  readonly clock?: Partial<ClockLimits>
  readonly logger?: Logger
  readonly runtime?: Runtime
  /** Makes commits durable: an append is acknowledged when the journal has it. */
  readonly journal?: Journal
}

/**
 * An event log in memory: for tests, for servers that may forget, and for the simulator. Without a journal
 * it is gone with the process. Calls take effect one after the other.
 */
export class MemoryStore extends LogStore {
  static async open(options: MemoryStoreOptions = {}): Promise<MemoryStore> {
    const { runtime = systemRuntime, logger = silentLogger } = options
    return new MemoryStore(await MemoryEngine.open({ ...options, runtime, logger }), options.limits)
  }
}
