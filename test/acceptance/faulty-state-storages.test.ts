import { it } from 'vitest'
import { stateStorageSuite } from '../../src/testing/acceptance/state-storage/suite.ts'
import { expectNoticed, expectPassed } from './failures-of.ts'
import { faultyStateStorages } from './faulty-state-storages.ts'
import { cachedStateFixture } from './state-fixtures.ts'

for (const { fixture, noticed } of faultyStateStorages)
  it(`the suite notices a state storage that ${fixture.name}`, async () => {
    await expectNoticed((runner) => stateStorageSuite(runner, fixture), noticed, 25)
  }, 60_000)

it('the suite run this way passes a state storage without faults', async () => {
  await expectPassed((runner) => stateStorageSuite(runner, cachedStateFixture()), 25)
}, 60_000)
