import type { EventStore } from '../../../contracts/index.ts'
import { type KeptCheck, keptChecks, type Reopening, reopening } from '../kept.ts'
import type { Runner } from '../runner.ts'
import type { EventStoreCapabilities, EventStoreFixture } from './fixture.ts'
import { type TestRuntime, testRuntime } from './test-runtime.ts'

/** What each test is handed: a clock to drive and ways to open stores. */
export interface Bench extends Reopening<EventStore> {
  readonly runtime: TestRuntime
  /** A new, empty store. */
  open(node?: string): Promise<EventStore>
}

export type Check = KeptCheck<Bench, keyof EventStoreCapabilities>

export function checkWith(runner: Runner, fixture: EventStoreFixture): Check {
  const capabilities = { compaction: true as const, ...fixture.capabilities }
  return keptChecks(runner, { capabilities, dispose: () => fixture.dispose() }, () => {
    const runtime = testRuntime()
    const open: Bench['open'] = (node = 'here') => fixture.open({ node, runtime })
    return { runtime, open, ...reopening(fixture) }
  })
}
