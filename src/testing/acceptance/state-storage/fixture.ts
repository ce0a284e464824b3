import type { StatePolicy, StateStorage } from '../../../contracts/index.ts'
import type { Runtime } from '../../../runtime/index.ts'
import type { Capability } from '../runner.ts'

/** One implementation, as the suite needs it: how to open, reopen and crash its storages. */
export interface StateStorageFixture {
  readonly name: string
  readonly capabilities: StateStorageCapabilities
  /** A storage in a new, empty place. */
  open(setup: StateSetup): Promise<StateStorage>
  /** Closes the storage and opens what it left, with the same setup. */
  reopen(storage: StateStorage): Promise<StateStorage>
  /** Opens what a process that is killed at this very moment leaves; the storage given is abandoned. */
  crash(storage: StateStorage): Promise<StateStorage>
  /** Opens the same data a second time while the storage is open, as another process does. */
  join(storage: StateStorage): Promise<StateStorage>
  /** Closes what is still open and removes every place. Called after each test. */
  dispose(): Promise<void>
}

export interface StateStorageCapabilities {
  /** What was acknowledged is there after `reopen` and `crash`. */
  readonly durable: Capability
  /** Several openings share one place; without it `join` is never called. */
  readonly multiProcess: Capability
}

export interface StateSetup {
  readonly node: string
  readonly runtime: Runtime
  readonly policies: Readonly<Record<string, StatePolicy>>
}
