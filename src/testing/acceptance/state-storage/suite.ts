import type { Runner } from '../runner.ts'
import { applying } from './applying.ts'
import { stateCheckWith } from './bench.ts'
import { committing } from './committing.ts'
import type { StateStorageFixture } from './fixture.ts'
import { forgetting } from './forgetting.ts'
import { keeping } from './keeping.ts'
import { listing } from './listing.ts'
import { sweeping } from './sweeping.ts'

/**
 * Everything the contract of a state storage promises, as tests for any runner. A storage is good when it
 * passes; what it can't do by its nature it says in its capabilities, and those tests are skipped by name.
 */
export function stateStorageSuite(runner: Runner, fixture: StateStorageFixture): void {
  const check = stateCheckWith(runner, fixture)
  runner.describe(`state storage: ${fixture.name}`, () => {
    for (const [about, part] of Object.entries(parts)) runner.describe(about, () => part(check))
  })
}

const parts = {
  commit: committing,
  list: listing,
  apply: applying,
  keep: keeping,
  sweep: sweeping,
  forget: forgetting,
}
