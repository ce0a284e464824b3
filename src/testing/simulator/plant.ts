import type { EventStore, Transport } from '../../contracts/index.ts'
import type { LogEvent } from '../../event/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import type { Journal } from '../../store/memory/index.ts'

/**
 * Code put between the parts of every node: a bug, to see whether the checker finds it, or what a user
 * wants to try out.
 */
export interface Plant {
  readonly journal?: (journal: Journal) => Journal
  readonly store?: (store: EventStore) => EventStore
  /** What live links wait and draw random numbers by. */
  readonly runtime?: (runtime: Runtime) => Runtime
  readonly transport?: (transport: Transport<LogEvent>) => Transport<LogEvent>
}
