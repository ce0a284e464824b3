import { expect, it } from 'vitest'
import { seededRandom } from './random.ts'
import { drawTopology } from './topology.ts'

const drawn = Array.from({ length: 300 }, (_, seed) => drawTopology(seededRandom(seed)))

it('worlds have two to five nodes, in each of the shapes', () => {
  expect(new Set(drawn.map(({ nodes }) => nodes.length))).toEqual(new Set([2, 3, 4, 5]))
  expect(new Set(drawn.map(({ name }) => name))).toEqual(
    new Set(['star', 'two hubs', 'chain', 'mesh']),
  )
})

it('every node can be reached from every other, and none calls itself', () => {
  for (const { nodes, links } of drawn) {
    const reached = new Set([nodes[0]])
    for (const _ of nodes)
      for (const [from, to] of links)
        if (reached.has(from) || reached.has(to)) reached.add(from).add(to)
    expect(reached.size).toBe(nodes.length)
    for (const [from, to] of links) expect(from).not.toBe(to)
  }
})
