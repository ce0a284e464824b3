import { describe, expect, it } from 'vitest'
import { failureReport, type SimulationOptions, simulate } from '../../src/testing/index.ts'
import { type PlantedBug, plantedBugs } from './planted-bugs.ts'

const isFull = process.env.REJOIN_TORTURE === 'full'

/** The world of a bug, and the same one without it. */
function worldsOf({ plant, scenario = {}, application }: PlantedBug) {
  const world = (isPlanted: boolean): SimulationOptions => ({
    scenario,
    ...(isPlanted && { plant }),
    ...(application && { application: application(isPlanted) }),
  })
  return { planted: world(true), clean: world(false) }
}

describe('the simulator finds, and does not cry wolf', () => {
  for (const [name, bug] of Object.entries(plantedBugs))
    it(`${name}: within ${bug.within} seeds`, async () => {
      const { planted, clean } = worldsOf(bug)
      let seed = 0
      let found: string | undefined
      while (found === undefined && seed < bug.within)
        found = (await simulate(++seed, planted)).finding?.invariant
      expect(bug.finds).toContain(found)

      // The same checker, the same worlds, without the bug.
      for (let at = 1; at <= (isFull ? bug.within : seed); at++) {
        const run = await simulate(at, clean)
        if (run.finding !== undefined) throw new Error(await failureReport(run, clean))
      }
    }, 300_000)

  it('S2: a look beside the stream drains what one bug leaves, and never anything without it', async () => {
    const { plant, scenario } = plantedBugs['nobody is told that a link starts over'] as PlantedBug
    const world = { scenario: { ...scenario, guard: 20_000 } }
    const drained = async (options: SimulationOptions) => {
      let count = 0
      for (let seed = 1; seed <= 20; seed++)
        count += (await simulate(seed, options)).counts.drainedByGuard
      return count
    }
    expect(await drained({ ...world, plant })).toBeGreaterThan(0)
    expect(await drained(world)).toBe(0)
  }, 120_000)

  it('at least twenty kinds of bugs', () => {
    expect(Object.keys(plantedBugs).length).toBeGreaterThanOrEqual(20)
  })
})
