import fc from 'fast-check'
import { expect, it } from 'vitest'
import { property } from '../../test/property.ts'
import { defineRules } from '../conflict/index.ts'
import { syncOnce } from '../link/index.ts'
import { MemoryStore } from '../store/memory/index.ts'
import { memoryTransport } from '../transport/memory/index.ts'
import { SyncNode } from './index.ts'

const length = 4
const rules = defineRules({
  rules: [
    { name: 'first', when: { type: 'First' }, resolve: 'first-write-wins' },
    { name: 'far', when: { origin: 'node-3', relation: 'colliding' }, resolve: 'last-write-wins' },
    { name: 'merged', when: { type: 'Merged' }, resolve: 'merge-fields' },
  ],
})

it('is the same, byte for byte, at every node of a chain, whatever went over it in which order (C2)', async () => {
  const at = fc.nat({ max: length - 1 })
  const write = fc.record({
    at,
    type: fc.constantFrom('First', 'Merged', 'Merged', 'Added'),
    data: fc.dictionary(fc.constantFrom('x', 'y'), fc.nat({ max: 2 }), { minKeys: 1 }),
  })
  const deed = fc.oneof(write, fc.record({ at }))
  const deeds = fc.array(deed, { minLength: 10, maxLength: 30, size: 'max' })
  let conflicts = 0
  await property(
    deeds,
    async (deeds) => {
      const stores = await Promise.all(
        Array.from({ length }, (_, node) => MemoryStore.open({ node: `node-${node}` })),
      )
      // Each syncs with the next one; the last has nobody to go to.
      const sync = async (from: number) => {
        const [replica, next] = [stores[from]!, stores[from + 1]]
        if (next === undefined) return
        const { errors } = await syncOnce({ replica, transport: memoryTransport(next) })
        expect(errors).toEqual([])
      }
      for (const deed of deeds) {
        if ('data' in deed) {
          const { type, data } = deed
          await stores[deed.at]!.append([{ type, aggregateId: 'a', data }])
        } else await sync(deed.at)
      }
      for (let round = 0; round < 2 * length; round++)
        for (let from = 0; from < length; from++) await sync(from)
      const nodes = stores.map((store) => new SyncNode({ store, rules }))
      const histories = await Promise.all(nodes.map((node) => node.history('a')))
      const [first, ...others] = histories.map((history) => JSON.stringify(history))
      for (const other of others) expect(other).toBe(first)
      for (const node of nodes) await node.close()
      conflicts = rules.statistics().conflicts
    },
    40,
  )
  expect(conflicts).toBeGreaterThan(100)
  for (const [rule, times] of Object.entries(rules.statistics().decided))
    expect(times, rule).toBeGreaterThan(0)
})
