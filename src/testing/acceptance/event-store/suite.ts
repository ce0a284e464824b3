import type { Runner } from '../runner.ts'
import { adopting } from './adopting.ts'
import { appending } from './appending.ts'
import { applying } from './applying.ts'
import { checkWith } from './bench.ts'
import { cancelling } from './cancelling.ts'
import { changes } from './changes.ts'
import { closing } from './closing.ts'
import { compacting } from './compacting.ts'
import { content } from './content.ts'
import { entries } from './entries.ts'
import { erasing } from './erasing.ts'
import { expectedHeads } from './expected-heads.ts'
import { filters } from './filters.ts'
import type { EventStoreFixture } from './fixture.ts'
import { heads } from './heads.ts'
import { idempotence } from './idempotence.ts'
import { links } from './links.ts'
import { refusals } from './refusals.ts'
import { reopening } from './reopening.ts'
import { sharing } from './sharing.ts'
import { stubs } from './stubs.ts'
import { watching } from './watching.ts'

/**
 * Everything the contracts of an event store promise, as tests for any runner. A store is good when it
 * passes; what it can't do by its nature it says in its capabilities, and those tests are skipped by name.
 */
export function eventStoreSuite(runner: Runner, fixture: EventStoreFixture): void {
  const check = checkWith(runner, fixture)
  runner.describe(`event store: ${fixture.name}`, () => {
    for (const [about, part] of Object.entries(parts)) runner.describe(about, () => part(check))
  })
}

const parts = {
  append: appending,
  idempotence,
  'expected heads': expectedHeads,
  refusals,
  content,
  entries,
  changes,
  apply: applying,
  stubs,
  erase: erasing,
  compact: compacting,
  filters,
  orphans: adopting,
  heads,
  links,
  watch: watching,
  cancellation: cancelling,
  close: closing,
  reopen: reopening,
  'several processes': sharing,
}
