import { it } from 'vitest'
import { projectionSinkSuite } from '../../src/testing/acceptance/projection-sink/suite.ts'
import { expectNoticed, expectPassed } from './failures-of.ts'
import { faultySinks } from './faulty-sinks.ts'
import { sqliteSinkFixture } from './sink-fixtures.ts'

for (const { fixture, noticed } of faultySinks)
  it(`the suite notices a sink that ${fixture.name}`, async () => {
    await expectNoticed((runner) => projectionSinkSuite(runner, fixture), noticed, atLeast)
  }, 60_000)

it('the suite run this way passes a sink without faults', async () => {
  await expectPassed((runner) => projectionSinkSuite(runner, sqliteSinkFixture()), atLeast)
}, 60_000)

/** Tests of the suite that run also where nothing is durable. */
const atLeast = 19
