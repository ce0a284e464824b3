import { it } from 'vitest'
import { eventStoreSuite } from '../../src/testing/acceptance/event-store/suite.ts'
import { transportSuite } from '../../src/testing/acceptance/transport/suite.ts'
import { scriptedStore, scriptedTransport } from '../../src/testing/doubles/scripted.ts'
import { expectPassed } from './failures-of.ts'
import { journalFixture } from './memory-fixture.ts'
import { memoryTransportFixture } from './memory-transport-fixture.ts'

it('a scripted store without a script is as good as the store', async () => {
  const fixture = journalFixture({ wrap: (store) => scriptedStore(store) })
  await expectPassed((runner) => eventStoreSuite(runner, fixture))
}, 60_000)

it('a scripted transport without a script is as good as the transport', async () => {
  const fixture = memoryTransportFixture({ wrap: (transport) => scriptedTransport(transport) })
  await expectPassed((runner) => transportSuite(runner, fixture))
}, 60_000)
