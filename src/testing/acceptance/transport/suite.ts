import type { LinkedChange, StateStorage } from '../../../contracts/index.ts'
import type { Runner } from '../runner.ts'
import { type EventCheck, type TransportCheck, transportCheckWith } from './bench.ts'
import { byIds } from './by-ids.ts'
import { cancelling } from './cancelling.ts'
import { closing } from './closing.ts'
import { concurrency } from './concurrency.ts'
import { eventKind } from './event-kind.ts'
import { filtering } from './filtering.ts'
import type { TransportFixture } from './fixture.ts'
import { greeting } from './greeting.ts'
import type { Closing, Kind } from './kind.ts'
import { eventFilters } from './of-events/filtering.ts'
import { eventGreeting } from './of-events/greeting.ts'
import { eventNames } from './of-events/naming.ts'
import { eventPulls } from './of-events/pulling.ts'
import { eventPushes } from './of-events/pushing.ts'
import { stateMoves } from './of-state.ts'
import { payloads } from './payloads.ts'
import { pulls } from './pulling.ts'
import { pushes } from './pushing.ts'
import { stateKind } from './state-kind.ts'
import { subscribing } from './subscribing.ts'
import { trouble } from './trouble.ts'

/**
 * Everything the contract of a transport promises, as tests for any runner. What an implementation can't do
 * by its nature it says in its capabilities, and those tests are skipped with the reason in their names.
 */
export function transportSuite(runner: Runner, fixture: TransportFixture): void {
  suiteOf(runner, fixture, eventKind, ofEvents)
}

/** The same for a transport that moves state. */
export function stateTransportSuite(
  runner: Runner,
  fixture: TransportFixture<StateStorage, LinkedChange>,
): void {
  suiteOf(runner, fixture, stateKind, { state: stateMoves })
}

function suiteOf<Store extends Closing, C>(
  runner: Runner,
  fixture: TransportFixture<Store, C>,
  kind: Kind<Store, C>,
  own: Readonly<Record<string, (check: TransportCheck<Store, C>) => void>>,
): void {
  const check = transportCheckWith(runner, fixture, kind)
  runner.describe(`transport: ${fixture.name}`, () => {
    // What is asked of any change is asked of this one.
    for (const [about, part] of Object.entries(parts))
      runner.describe(about, () => part(check as unknown as TransportCheck))
    for (const [about, part] of Object.entries(own)) runner.describe(about, () => part(check))
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

const ofEvents: Readonly<Record<string, (check: EventCheck) => void>> = {
  'hello, of events': eventGreeting,
  'push, of events': eventPushes,
  'pull, of events': eventPulls,
  'filters, of events': eventFilters,
  'names of events': eventNames,
}
