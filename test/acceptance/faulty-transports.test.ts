import { it } from 'vitest'
import { transportSuite } from '../../src/testing/acceptance/transport/suite.ts'
import { expectNoticed, expectPassed } from './failures-of.ts'
import { faultySubscriptions } from './faulty-subscriptions.ts'
import { faultyTransports } from './faulty-transports.ts'
import { memoryTransportFixture } from './memory-transport-fixture.ts'

for (const { fixture, noticed } of [...faultyTransports, ...faultySubscriptions])
  it(`the suite notices a transport that ${fixture.name}`, async () => {
    await expectNoticed((runner) => transportSuite(runner, fixture), noticed)
  }, 60_000)

it('the suite run this way passes a transport without faults', async () => {
  await expectPassed((runner) => transportSuite(runner, memoryTransportFixture()))
}, 60_000)
