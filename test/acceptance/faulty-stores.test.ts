import { it } from 'vitest'
import { eventStoreSuite } from '../../src/testing/acceptance/event-store/suite.ts'
import { expectNoticed, expectPassed } from './failures-of.ts'
import { faultyStores } from './faulty-stores.ts'
import { journalFixture } from './memory-fixture.ts'

for (const { fixture, noticed } of faultyStores)
  it(`the suite notices a store that ${fixture.name}`, async () => {
    await expectNoticed((runner) => eventStoreSuite(runner, fixture), noticed)
  }, 60_000)

it('the suite run this way passes a store without faults', async () => {
  await expectPassed((runner) => eventStoreSuite(runner, journalFixture()))
}, 60_000)
