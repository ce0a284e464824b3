import { expect, it, vi } from 'vitest'
import { ClusterWorld } from './cluster-world.ts'
import { simulateCluster } from './simulate-cluster.ts'
import type { Version } from './version.ts'

it('K3: only where a greeting came once more meanwhile the cost of a write is counted again', async () => {
  const greeting = {}
  const again = await costing((world) => {
    for (let times = 0; times < 2; times++) world.greeted(greeting)
  })
  expect(again).toBeUndefined()
  const once = await costing((world) => world.greeted({}))
  expect(once).toMatchObject({ invariant: 'K3' })
  // Such as a page, or a push: a link knows those for what they are.
  const other = await costing((world) => {
    world.counts.duplicates++
  })
  expect(other).toMatchObject({ invariant: 'K3' })
})

/** What is found where the first write costs too much, while that happens. */
async function costing(meanwhile: (world: ClusterWorld) => void) {
  const { movesOf } = ClusterWorld.prototype
  let isFirst = true
  const counted = vi.spyOn(ClusterWorld.prototype, 'movesOf')
  counted.mockImplementation(function (this: ClusterWorld, version: Version) {
    if (!isFirst) return movesOf.call(this, version)
    isFirst = false
    meanwhile(this)
    return 100
  })
  try {
    const { finding } = await simulateCluster(1, { scenario: { troubledTime: 0, disasters: [] } })
    return finding
  } finally {
    counted.mockRestore()
  }
}
