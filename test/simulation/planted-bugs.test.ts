import { describe, expect, it } from 'vitest'
import { failureReport, type SimulationOptions, simulate } from '../../src/testing/index.ts'
import { type PlantedBug, plantedBugs } from './planted-bugs.ts'

const isFull = process.env.REJOIN_TORTURE === 'full'

describe('the simulator finds, and does not cry wolf', () => {
  for (const [name, { plant, scenario = {}, within, finds }] of bugs())
    it(`${name}: within ${within} seeds`, async () => {
      let seed = 0
      let found: string | undefined
      while (found === undefined && seed < within)
        found = (await simulate(++seed, { scenario, plant })).finding?.invariant
      expect(finds).toContain(found)

      // The same checker, the same worlds, without the bug.
      for (let at = 1; at <= (isFull ? within : Math.min(seed, 10)); at++) {
        const run = await simulate(at, { scenario })
        if (run.finding !== undefined) throw new Error(await failureReport(run))
      }
    }, 300_000)

  it('S2: a look beside the stream drains what one bug leaves, and never anything without it', async () => {
    const { plant, scenario } = plantedBugs['nobody is told that a link starts over']
    const world = { scenario: { ...scenario, guard: 20_000 } }
    const drained = async (options: SimulationOptions) => {
      let count = 0
      for (let seed = 1; seed <= (isFull ? 20 : 10); seed++)
        count += (await simulate(seed, options)).counts.drainedByGuard
      return count
    }
    expect(await drained({ ...world, plant })).toBeGreaterThan(0)
    expect(await drained(world)).toBe(0)
  }, 120_000)
})

function bugs(): readonly (readonly [string, PlantedBug])[] {
  return Object.entries(plantedBugs)
}
