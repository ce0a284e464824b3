import { expect, it } from 'vitest'
import { seededRandom } from './random.ts'
import { drawScenario, type Scenario } from './scenario.ts'
import { testCode } from './scenario-code.ts'
import { simulate } from './simulation.ts'
import { smaller } from './smaller.ts'

const scenario: Scenario = {
  ...drawScenario(seededRandom(3)),
  filters: new Map([['a', [{ at: 0, filter: { types: ["it's"] } }, { at: 500 }]]]),
  outages: [{ node: 'a', at: 100, time: 50 }],
}

it('each smaller scenario differs in something', () => {
  let count = 0
  for (const one of smaller(scenario)) {
    expect(one).not.toEqual(scenario)
    count++
  }
  expect(count).toBeGreaterThan(10)
})

it('always taking the first smaller scenario comes to an end, where nothing goes wrong', () => {
  let least = scenario
  for (let steps = 0; steps < 500; steps++) {
    const next = [...smaller(least)][0]
    if (next === undefined) break
    least = next
  }
  expect([...smaller(least)]).toEqual([])
  const never = Number.POSITIVE_INFINITY
  expect(least).toMatchObject({
    crashEvery: never,
    partitionEvery: never,
    diskTroubleEvery: never,
    clockJumpEvery: never,
    disasters: [],
    outages: [],
    readers: 0,
    links: 'rounds',
  })
  expect(least.topology.nodes).toEqual(['a', 'b'])
  expect(least.filters.size).toBe(0)
})

it('any node may go, but not one through which the others are linked', () => {
  const [a, b, c] = ['a', 'b', 'c'] as const
  const chain: Scenario['topology'] = {
    name: 'chain',
    nodes: [a, b, c],
    links: [
      [a, b],
      [b, c],
    ],
  }
  const left = (topology: Scenario['topology']) =>
    [...smaller({ ...scenario, topology })]
      .map(({ topology }) => topology.nodes.join(''))
      .filter((nodes) => nodes !== 'abc')
  expect(left(chain)).toEqual(['ab', 'bc'])
  expect(left({ ...chain, links: [...chain.links, [c, a]] })).toEqual(['ab', 'bc', 'ac'])
})

it('the code of a scenario is that scenario', async () => {
  const run = { ...(await simulate(1)), scenario }
  const written = /scenario: (\{[\s\S]*?\n {4}\}),\n/.exec(testCode(run))?.[1]
  expect(new Function(`return ${written}`)()).toEqual(scenario)
})
