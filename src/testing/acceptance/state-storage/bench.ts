import type { StateStorage } from '../../../contracts/index.ts'
import { type TestRuntime, testRuntime } from '../event-store/test-runtime.ts'
import { type KeptCheck, keptChecks, type Reopening, reopening } from '../kept.ts'
import type { Runner } from '../runner.ts'
import type { StateSetup, StateStorageCapabilities, StateStorageFixture } from './fixture.ts'

/** What each test is handed: a clock to drive and ways to open storages. */
export interface StateBench extends Reopening<StateStorage> {
  readonly runtime: TestRuntime
  /** A new, empty storage. */
  open(node?: string, policies?: StateSetup['policies']): Promise<StateStorage>
}

export type StateCheck = KeptCheck<StateBench, keyof StateStorageCapabilities>

export function stateCheckWith(runner: Runner, fixture: StateStorageFixture): StateCheck {
  return keptChecks(runner, fixture, () => {
    const runtime = testRuntime()
    const open: StateBench['open'] = (node = 'here', policies = {}) =>
      fixture.open({ node, runtime, policies })
    return { runtime, open, ...reopening(fixture) }
  })
}
