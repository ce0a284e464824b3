import { it } from 'vitest'
import { transportSuite } from '../../src/testing/acceptance/transport/suite.ts'
import { expectNoticed, expectPassed, failuresOf } from './failures-of.ts'
import { faultySubscriptions } from './faulty-subscriptions.ts'
import { faultyTransports } from './faulty-transports.ts'
import { memoryTransportFixture } from './memory-transport-fixture.ts'

for (const { fixture, noticed } of [...faultyTransports, ...faultySubscriptions])
  it(`the suite notices a transport that ${fixture.name}`, async () => {
    const failures = await failuresOf((runner) => transportSuite(runner, fixture))
    for (const test of noticed) expectNoticed(failures, test)
  }, 60_000)

it('the suite run this way passes a transport without faults', async () => {
  await expectPassed((runner) => transportSuite(runner, memoryTransportFixture()))
}, 60_000)
