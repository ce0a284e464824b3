import type { EventStore } from '../../../contracts/index.ts'
import type { Runtime } from '../../../runtime/index.ts'
import type { KeptCapabilities, KeptFixture } from '../kept.ts'
import type { Capability } from '../runner.ts'

/** One implementation, as the suite needs it: how to open, reopen and crash its stores. */
export interface EventStoreFixture extends KeptFixture<EventStore, StoreSetup> {
  readonly capabilities: EventStoreCapabilities
}

export interface EventStoreCapabilities extends KeptCapabilities {
  /** Absent: it can compact. */
  readonly compaction?: Capability
}

export interface StoreSetup {
  readonly node: string
  readonly runtime: Runtime
}
