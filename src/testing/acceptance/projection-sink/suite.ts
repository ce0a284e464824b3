import type { Runner } from '../runner.ts'
import { sinkCheckWith } from './bench.ts'
import { committing } from './committing.ts'
import type { ProjectionSinkFixture } from './fixture.ts'
import { keeping } from './keeping.ts'
import { listing } from './listing.ts'

/**
 * Everything the contract of a projection sink promises, as tests for any runner. What an implementation can't
 * do by its nature it says in its capabilities, and those tests are skipped with the reason in their names.
 */
export function projectionSinkSuite(runner: Runner, fixture: ProjectionSinkFixture): void {
  const check = sinkCheckWith(runner, fixture)
  runner.describe(`projection sink: ${fixture.name}`, () => {
    for (const [about, part] of Object.entries(parts)) runner.describe(about, () => part(check))
  })
}

const parts = { commit: committing, list: listing, keep: keeping }
