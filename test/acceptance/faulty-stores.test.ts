import { expect, it } from 'vitest'
import { collectedRunner } from '../../src/testing/acceptance/collected-runner.ts'
import { eventStoreSuite } from '../../src/testing/acceptance/event-store/suite.ts'
import { faultyStores } from './faulty-stores.ts'
import { journalFixture } from './memory-fixture.ts'

for (const { fixture, noticed } of faultyStores)
  it(`the suite notices a store that ${fixture.name}`, async () => {
    const failures = await failuresOf(fixture)
    expect(failures.filter((name) => name.endsWith(` > ${noticed}`))).toHaveLength(1)
  })

it('the suite run this way passes a store without faults', async () => {
  expect(await failuresOf(journalFixture())).toEqual([])
})

async function failuresOf(fixture: Parameters<typeof eventStoreSuite>[1]) {
  const runner = collectedRunner()
  eventStoreSuite(runner, fixture)
  expect(runner.collected).toBeGreaterThan(200)
  return runner.failures()
}
