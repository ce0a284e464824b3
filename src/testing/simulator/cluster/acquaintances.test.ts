import { expect, it, vi } from 'vitest'
import { Acquaintances } from './acquaintances.ts'
import { simulateCluster } from './simulate-cluster.ts'

it('K3: what a write costs is counted once all have heard who was set back to a backup', async () => {
  const asked = vi.spyOn(Acquaintances.prototype, 'outdated')
  const { finding } = await simulateCluster(16)
  const [first, ...others] = await Promise.all(asked.mock.results.map(({ value }) => value))
  asked.mockRestore()
  expect(finding).toBeUndefined()
  expect(first).toMatch(/^b takes a for a~[0-9a-f]+, which is a~[0-9a-f]+ now$/)
  expect(others.length).toBeGreaterThan(0)
  expect(others.at(-1)).toBeUndefined()
})
