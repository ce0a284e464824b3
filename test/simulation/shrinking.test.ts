import { expect, it } from 'vitest'
import {
  failureReport,
  type SimulationRun,
  shrink,
  simulate,
  testCode,
} from '../../src/testing/index.ts'
import { type PlantedBug, plantedBugs } from './planted-bugs.ts'

async function failing({ plant, scenario = {}, within }: PlantedBug): Promise<SimulationRun> {
  for (let seed = 1; seed <= within; seed++) {
    const run = await simulate(seed, { plant, scenario })
    if (run.finding !== undefined) return run
  }
  throw new Error('the bug was not found')
}

const isFull = process.env.REJOIN_TORTURE === 'full'
const names = [
  'a stream that is taken up again begins at its last page',
  ...(isFull ? ['a lost answer is taken for a yes' as const] : []),
] as const

const bugs = names.map((name) => ({
  name,
  bug: plantedBugs[name] as PlantedBug,
}))

for (const { name, bug } of bugs) {
  const { plant } = bug

  it(`a failing world shrinks to a small one that fails the same way: ${name}`, async () => {
    const run = await failing(bug)
    const part = () => shrink(run, simulate, { plant, most: 20 })
    const { run: smallest, steps, tried } = await shrink(run, simulate, { plant })
    expect(smallest.finding?.invariant).toBe(run.finding?.invariant)
    expect(smallest.scenario).toMatchObject({ crashEvery: Infinity, partitionEvery: Infinity })
    expect(smallest.scenario.topology.nodes.length).toBe(2)
    expect(smallest.owed).toBeLessThan(12)
    expect(smallest.trace.length).toBeLessThan(run.trace.length / 2)
    expect([steps > 5, tried <= 250]).toEqual([true, true])
    // The same way, step for step.
    const [half, again] = [await part(), await part()]
    expect(again).toEqual(half)
  }, 60_000)

  it(`the code of a world runs that world: ${name}`, async () => {
    const run = await failing(bug)
    let again: SimulationRun | undefined
    const runAgain = async (seed: number, options: object) => {
      again = await simulate(seed, { ...options, plant })
      return again
    }
    let test: (() => Promise<void>) | undefined
    const pasted = new Function('it', 'simulate', 'expect', testCode(run))
    pasted((_: string, body: () => Promise<void>) => (test = body), runAgain, expect)
    await expect(test?.()).rejects.toThrow(/undefined/)
    expect(again?.hash).toBe(run.hash)
  })
}

it('a report shows what broke, and the smallest world as a test to paste', async () => {
  const bug = plantedBugs['a repeated push is stored once more']
  const text = await failureReport(await failing(bug), { plant: bug.plant })
  expect(text).toMatch(/^S3 does not hold in the world of seed \d+: /)
  expect(text).toMatch(/The smallest of \d+ worlds that were tried/)
  expect(text).toContain("it('S3: holds in the world of seed ")
  expect(text).toMatch(/ troubledTime: \d{3,4},\n/)
})

it('a world that holds, or that nothing smaller breaks, is told as it is', async () => {
  const run = await simulate(1)
  expect(await failureReport(run)).toBe('seed 1 holds')
  const lonely = { ...run, finding: { invariant: 'S9', message: 'never found again' } }
  expect(await failureReport(lonely, { most: 5 })).toMatch(/None of \d+ smaller worlds fails\.$/)
})
