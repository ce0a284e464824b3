import type { Replica, Transport } from '../contracts/index.ts'
import type { Filter } from '../event/index.ts'
import type { Logger } from '../ports/index.ts'
import type { Runtime } from '../runtime/index.ts'
import type { Change } from './change.ts'
import type { BatchSize } from './pace.ts'
import type { LinkProgress } from './result.ts'

/** The two ends of a link and how to sync them; checked as a whole before anybody is asked. */
export interface LinkOptions<C extends Change> {
  readonly replica: Replica<C>
  readonly transport: Transport<C>
  /** Default both. */
  readonly directions?: { readonly push: boolean; readonly pull: boolean }
  /**
   * The most that one request moves. Default 1 MiB, and a count that begins with 100, doubles while batches
   * are quick up to 2,000, and halves when they are slow; a count that is given is kept to.
   */
  readonly batch?: Partial<BatchSize>
  /**
   * Which part of both logs to move; default all. Another filter than last time reads both logs again from
   * their start, for what may be seen now.
   */
  readonly filter?: Filter<C>
  readonly logger?: Logger
  readonly onProgress?: (progress: LinkProgress) => void
  /** Tells how quick a batch is. */
  readonly runtime?: Pick<Runtime, 'monotonic' | 'soon'>
}
