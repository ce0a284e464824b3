import type { Runner } from '../runner.ts'
import { transportCheckWith } from './bench.ts'
import { byIds } from './by-ids.ts'
import { cancelling } from './cancelling.ts'
import { closing } from './closing.ts'
import { concurrency } from './concurrency.ts'
import { filtering } from './filtering.ts'
import type { TransportFixture } from './fixture.ts'
import { greeting } from './greeting.ts'
import { payloads } from './payloads.ts'
import { pulls } from './pulling.ts'
import { pushes } from './pushing.ts'
import { subscribing } from './subscribing.ts'
import { trouble } from './trouble.ts'

/**
 * Everything the contract of a transport promises, as tests for any runner. What an implementation can't do
 * by its nature it says in its capabilities, and those tests are skipped with the reason in their names.
 */
export function transportSuite(runner: Runner, fixture: TransportFixture): void {
  const check = transportCheckWith(runner, fixture)
  runner.describe(`transport: ${fixture.name}`, () => {
    for (const [about, part] of Object.entries(parts)) runner.describe(about, () => part(check))
  })
}

const parts = {
  hello: greeting,
  push: pushes,
  pull: pulls,
  'pull by ids': byIds,
  filters: filtering,
  payloads,
  trouble,
  cancellation: cancelling,
  close: closing,
  'calls at once': concurrency,
  subscribe: subscribing,
}
