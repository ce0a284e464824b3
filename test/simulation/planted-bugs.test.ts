import { describe, expect, it } from 'vitest'
import { failureReport, simulate } from '../../src/testing/index.ts'
import { plantedBugs } from './planted-bugs.ts'

const isFull = process.env.REJOIN_TORTURE === 'full'

describe('the simulator finds, and does not cry wolf', () => {
  for (const [name, { plant, scenario = {}, within, finds }] of Object.entries(plantedBugs))
    it(`${name}: within ${within} seeds`, async () => {
      let seed = 0
      let found: string | undefined
      while (found === undefined && seed < within)
        found = (await simulate(++seed, { plant, scenario })).finding?.invariant
      expect(finds).toContain(found)

      // The same checker, the same worlds, without the bug.
      for (let clean = 1; clean <= (isFull ? within : seed); clean++) {
        const run = await simulate(clean, { scenario })
        if (run.finding !== undefined) throw new Error(await failureReport(run))
      }
    }, 300_000)
})
