import { appending } from './event-store/appending.ts'
import { applying } from './event-store/applying.ts'
import { checkWith } from './event-store/bench.ts'
import { cancelling } from './event-store/cancelling.ts'
import { changes } from './event-store/changes.ts'
import { closing } from './event-store/closing.ts'
import { content } from './event-store/content.ts'
import { entries } from './event-store/entries.ts'
import { expectedHeads } from './event-store/expected-heads.ts'
import type { EventStoreFixture, Runner } from './event-store/fixture.ts'
import { heads } from './event-store/heads.ts'
import { idempotence } from './event-store/idempotence.ts'
import { links } from './event-store/links.ts'
import { refusals } from './event-store/refusals.ts'
import { reopening } from './event-store/reopening.ts'
import { sharing } from './event-store/sharing.ts'
import { stubs } from './event-store/stubs.ts'
import { watching } from './event-store/watching.ts'

export type {
  EventStoreFixture,
  Runner,
  StoreSetup,
} from './event-store/fixture.ts'

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
  heads,
  links,
  watch: watching,
  cancellation: cancelling,
  close: closing,
  reopen: reopening,
  'several processes': sharing,
}
