import { describe, expect, it } from 'vitest'
import { failureReport, type Scenario, simulate } from '../../src/testing/index.ts'

const isFull = process.env.REJOIN_TORTURE === 'full'
/** In the short run every so many steps, beginning elsewhere for each node. */
const stride = isFull ? 1 : 6

/** Two nodes, a few events, and nothing that goes wrong. */
const quiet: Partial<Scenario> = {
  topology: { name: 'chain', nodes: ['a', 'b'], links: [['b', 'a']] },
  clocks: new Map(),
  weather: { delay: 5, loss: 0, duplication: 0, lateness: 0, patience: 2_000 },
  troubledTime: 3_000,
  appendEvery: 500,
  syncEvery: 400,
  batch: 2,
  crashEvery: Infinity,
  partitionEvery: Infinity,
  diskTroubleEvery: Infinity,
  clockJumpEvery: Infinity,
  fidgetEvery: Infinity,
  disasters: [],
  readers: 1,
}

describe('a node that crashes before one step, each step in turn', () => {
  for (const links of ['rounds', 'live'] as const)
    it(`L1 L4 S1 S2: loses nothing acknowledged, ${links}`, async () => {
      const scenario = { ...quiet, links }
      const undisturbed = await simulate(1, { scenario })
      expect(undisturbed.counts).toMatchObject({ crashes: 2, lostSuffixes: 0 })
      let crashes = 0
      let lost = 0
      for (const [at, node] of ['a', 'b'].entries())
        for (let step = 1 + at; step <= undisturbed.steps; step += stride) {
          const run = await simulate(1, {
            scenario: { ...scenario, outages: [{ node, step, time: 300 }] },
          })
          if (run.finding !== undefined) throw new Error(await failureReport(run))
          crashes += run.counts.crashes - 2
          lost += run.counts.lostSuffixes + run.counts.tornWrites
        }
      expect(crashes).toBeGreaterThan(100 / stride)
      expect(lost).toBeGreaterThan(10 / stride)
      console.log(
        `${links}: ${undisturbed.steps} steps, ${crashes} crashes, ${lost} writes lost or torn`,
      )
    }, 120_000)
})
