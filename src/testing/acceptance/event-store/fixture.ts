import type { EventStore } from '../../../contracts/index.ts'
import type { Runtime } from '../../../runtime/index.ts'
import type { Capability } from '../runner.ts'

/** One implementation, as the suite needs it: how to open, reopen and crash its stores. */
export interface EventStoreFixture {
  readonly name: string
  readonly capabilities: EventStoreCapabilities
  /** A store in a new, empty place. */
  open(setup: StoreSetup): Promise<EventStore>
  /** Closes the store and opens what it left, with the same setup. */
  reopen(store: EventStore): Promise<EventStore>
  /** Opens what a process that is killed at this very moment leaves; the store given is abandoned. */
  crash(store: EventStore): Promise<EventStore>
  /** Opens the same data a second time while the store is open, as another process does. */
  join(store: EventStore): Promise<EventStore>
  /** Closes what is still open and removes every place. Called after each test. */
  dispose(): Promise<void>
}

export interface EventStoreCapabilities {
  /** What was acknowledged is there after `reopen` and `crash`. */
  readonly durable: Capability
  /** Several openings share one place; without it `join` is never called. */
  readonly multiProcess: Capability
  /** Absent: it can compact. */
  readonly compaction?: Capability
}

export interface StoreSetup {
  readonly node: string
  readonly runtime: Runtime
}
