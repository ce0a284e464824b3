import { it } from 'vitest'
import { stateStorageSuite } from '../../src/testing/acceptance/state-storage/suite.ts'
import { expectNoticed, expectPassed, failuresOf } from './failures-of.ts'
import { faultyStateStorages } from './faulty-state-storages.ts'
import { cachedStateFixture } from './state-fixtures.ts'

for (const { fixture, noticed } of faultyStateStorages)
  it(`the suite notices a state storage that ${fixture.name}`, async () => {
    const failures = await failuresOf((runner) => stateStorageSuite(runner, fixture), 25)
    for (const test of noticed) expectNoticed(failures, test)
  }, 60_000)

it('the suite run this way passes a state storage without faults', async () => {
  await expectPassed((runner) => stateStorageSuite(runner, cachedStateFixture()), 25)
}, 60_000)
