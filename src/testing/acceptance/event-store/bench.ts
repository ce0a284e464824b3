import type { EventStore } from '../../../contracts/index.ts'
import { checkCapable, type Runner } from '../runner.ts'
import type { EventStoreCapabilities, EventStoreFixture } from './fixture.ts'
import { type TestRuntime, testRuntime } from './test-runtime.ts'

/** What each test is handed: a clock to drive and ways to open stores. */
export interface Bench {
  readonly runtime: TestRuntime
  /** A new, empty store. */
  open(node?: string): Promise<EventStore>
  reopen(store: EventStore): Promise<EventStore>
  crash(store: EventStore): Promise<EventStore>
  join(store: EventStore): Promise<EventStore>
}

/** Registers one test; with `needs`, it is skipped where the implementation lacks that capability. */
export type Check = (
  name: string,
  run: (bench: Bench) => Promise<void>,
  needs?: keyof EventStoreCapabilities,
) => void

export function checkWith(runner: Runner, fixture: EventStoreFixture): Check {
  return (name, run, needs) => {
    const test = async () => {
      const runtime = testRuntime()
      try {
        await run({
          runtime,
          open: (node = 'here') => fixture.open({ node, runtime }),
          reopen: (store) => fixture.reopen(store),
          crash: (store) => fixture.crash(store),
          join: (store) => fixture.join(store),
        })
      } finally {
        await fixture.dispose()
      }
    }
    checkCapable(
      runner,
      name,
      test,
      needs === undefined ? [] : [fixture.capabilities[needs] ?? true],
    )
  }
}
