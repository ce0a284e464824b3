import { expect, it, vi } from 'vitest'
import type { ClusterScenario } from './cluster-scenario.ts'
import { ClusterWorld } from './cluster-world.ts'
import { simulateCluster } from './simulate-cluster.ts'

/** Each message comes once more, some of them long after all is well. */
const repeating: Partial<ClusterScenario> = {
  weather: { delay: 20, loss: 0, duplication: 1, lateness: 40_000, patience: 5_000 },
  servers: ['a', 'b', 'c'],
  settingsLeader: undefined,
  otherCluster: false,
  moveAt: Infinity,
  disasters: [],
  clocks: new Map(),
  clockJumpEvery: Infinity,
  proofInterval: 0,
  troubledTime: 20_000,
  crashEvery: 4_000,
  downTime: 500,
  users: 5,
  writeEvery: 400,
}

it('K3: only a greeting that comes once more, long after it was sent, is not the cost of a write', async () => {
  const { finding } = await simulateCluster(2, { scenario: repeating })
  expect(finding).toBeUndefined()
  const greeted = vi.spyOn(ClusterWorld.prototype, 'greeted').mockReturnValue()
  const unheard = await simulateCluster(2, { scenario: repeating })
  greeted.mockRestore()
  expect(unheard.counts.duplicates).toBeGreaterThan(0)
  expect(unheard.finding).toMatchObject({ invariant: 'K3' })
})
