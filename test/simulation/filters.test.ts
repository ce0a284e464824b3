import { describe, expect, it } from 'vitest'
import {
  addRun,
  countsTable,
  drawFilters,
  failureReport,
  filterings,
  noRuns,
  type Scenario,
  seededRandom,
  simulate,
  untried,
} from '../../src/testing/index.ts'

const isFull = process.env.REJOIN_TORTURE === 'full'
const { REJOIN_FILTER_SEED: replayed } = process.env
const [seeds, atOnce] = isFull ? [200, 50] : [50, 25]

/** Nodes that sync a part of each other's logs, and another part later on. */
function filtered(seed: number): Partial<Scenario> {
  const random = seededRandom(`filtered ${seed}`)
  return { filters: drawFilters(random, ['a', 'b', 'c', 'd', 'e'], 12_000) }
}

async function holds(seed: number) {
  const run = await simulate(seed, { scenario: filtered(seed) })
  if (run.finding === undefined) return run
  throw new Error(
    `filtered, so replay with REJOIN_FILTER_SEED=${seed}: ${await failureReport(run)}`,
  )
}

if (replayed === undefined) describe('simulated worlds with filters', allWorlds)
else
  it(`the filtered world asked for holds: seed ${replayed}`, async () => {
    await holds(Number(replayed))
  }, 120_000)

function allWorlds() {
  let summary = noRuns

  for (let first = 1; first <= seeds; first += atOnce) {
    const last = first + atOnce - 1
    it(`C1 S1 S2 S3 S4 L1 L2 L4: hold, seeds ${first} to ${last}`, async () => {
      for (let seed = first; seed <= last; seed++) summary = addRun(summary, await holds(seed))
    }, 120_000)
  }

  it('have seen every fault, filters that changed, stubs and fillings', () => {
    console.log(countsTable(summary))
    expect(untried(summary)).toEqual([])
    expect(untried(summary, filterings)).toEqual([])
    expect(summary.runs).toBe(seeds)
  })
}
