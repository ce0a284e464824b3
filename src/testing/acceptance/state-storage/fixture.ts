import type { StatePolicy, StateStorage } from '../../../contracts/index.ts'
import type { Runtime } from '../../../runtime/index.ts'
import type { KeptCapabilities, KeptFixture } from '../kept.ts'

/** One implementation, as the suite needs it: how to open, reopen and crash its storages. */
export interface StateStorageFixture extends KeptFixture<StateStorage, StateSetup> {
  readonly capabilities: StateStorageCapabilities
}

export type StateStorageCapabilities = KeptCapabilities

export interface StateSetup {
  readonly node: string
  readonly runtime: Runtime
  readonly policies: Readonly<Record<string, StatePolicy>>
}
