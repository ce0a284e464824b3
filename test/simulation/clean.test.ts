import { describe, expect, it } from 'vitest'
import {
  addRun,
  countsTable,
  failureText,
  noRuns,
  simulate,
  untried,
} from '../../src/testing/index.ts'
import regressions from './seeds.json' with { type: 'json' }

const isFull = process.env.REJOIN_TORTURE === 'full'
const { REJOIN_SEED: replayed } = process.env
const seeds = isFull ? 3_000 : 200
const atOnce = 50

async function holds(seed: number) {
  const run = await simulate(seed)
  if (run.finding !== undefined) throw new Error(failureText(run))
  return run
}

describe.runIf(replayed !== undefined)('the world asked for', () => {
  it(`holds: seed ${replayed}`, () => holds(Number(replayed)), 120_000)
})

describe.skipIf(replayed !== undefined)('simulated worlds', () => {
  let summary = noRuns

  for (let first = 1; first <= seeds; first += atOnce) {
    const last = first + atOnce - 1
    it(`S1 S2 S3 S4 L1 L2 L4: hold, seeds ${first} to ${last}`, async () => {
      for (let seed = first; seed <= last; seed++) summary = addRun(summary, await holds(seed))
    }, 120_000)
  }

  it('have seen every fault', () => {
    console.log(countsTable(summary))
    expect(untried(summary)).toEqual([])
    expect(summary.runs).toBe(seeds)
    expect(summary.owed).toBeGreaterThan(20 * seeds)
  })

  for (const { seed, found } of regressions)
    it(`hold where one once did not: seed ${seed}, ${found}`, () => holds(seed), 120_000)
})
