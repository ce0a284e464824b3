import type { StateStorage } from '../../../contracts/index.ts'
import { type TestRuntime, testRuntime } from '../event-store/test-runtime.ts'
import { checkCapable, type Runner } from '../runner.ts'
import type { StateSetup, StateStorageCapabilities, StateStorageFixture } from './fixture.ts'

/** What each test is handed: a clock to drive and ways to open storages. */
export interface StateBench {
  readonly runtime: TestRuntime
  /** A new, empty storage. */
  open(node?: string, policies?: StateSetup['policies']): Promise<StateStorage>
  reopen(storage: StateStorage): Promise<StateStorage>
  crash(storage: StateStorage): Promise<StateStorage>
  join(storage: StateStorage): Promise<StateStorage>
}

/** Registers one test; with `needs`, it is skipped where the implementation lacks that capability. */
export type StateCheck = (
  name: string,
  run: (bench: StateBench) => Promise<void>,
  needs?: keyof StateStorageCapabilities,
) => void

export function stateCheckWith(runner: Runner, fixture: StateStorageFixture): StateCheck {
  return (name, run, needs) => {
    const test = async () => {
      const runtime = testRuntime()
      try {
        await run({
          runtime,
          open: (node = 'here', policies = {}) => fixture.open({ node, runtime, policies }),
          reopen: (storage) => fixture.reopen(storage),
          crash: (storage) => fixture.crash(storage),
          join: (storage) => fixture.join(storage),
        })
      } finally {
        await fixture.dispose()
      }
    }
    checkCapable(runner, name, test, needs === undefined ? [] : [fixture.capabilities[needs]])
  }
}
