import { describe, expect, it } from 'vitest'
import {
  addRun,
  countsTable,
  drawFilters,
  erasings,
  failureText,
  noRuns,
  type Scenario,
  seededRandom,
  simulate,
  untried,
} from '../../src/testing/index.ts'

const isFull = process.env.REJOIN_TORTURE === 'full'
const seeds = isFull ? 250 : 60

/**
 * Beyond the first worlds no older backup comes back: a reader that is half-way through a log from which a row has
 * moved on, and which is then set back to before that, misses the row (docs/decisions/0019-erasure.md).
 */
function erasing(seed: number): Partial<Scenario> {
  const random = seededRandom(`erasing ${seed}`)
  const disasters = Array.from({ length: random.int(0, 3) }, () => ({
    kind: random.pick(['wipe', 'copy'] as const),
    at: random.int(2_000, 10_000),
  }))
  return { eraseEvery: 2_500, ...(seed > 60 && { disasters }) }
}

describe('worlds in which users take back what they wrote', () => {
  let summary = noRuns

  it(`E1: what is erased is erased everywhere at rest, and its content nowhere: ${seeds} seeds`, async () => {
    for (let seed = 1; seed <= seeds; seed++)
      summary = addRun(summary, await holds(seed, erasing(seed)))
  }, 300_000)

  it(`S1: also where nodes sync parts of each other: ${seeds} seeds`, async () => {
    for (let seed = 1; seed <= seeds; seed++) {
      const random = seededRandom(`erasing ${seed}`)
      const filters = drawFilters(random, ['a', 'b', 'c', 'd', 'e'], 10_000)
      await holds(seed, { ...erasing(seed), filters })
    }
  }, 300_000)

  it('hold where one once did not: seed 379, a copy was kept from an erasure that came as a parent', async () => {
    await holds(379, { eraseEvery: 2_500 })
  })

  it('have seen every fault, and erasures that travel', () => {
    console.log(countsTable(summary))
    expect(untried(summary)).toEqual([])
    expect(untried(summary, erasings)).toEqual([])
  })
})

async function holds(seed: number, scenario: Partial<Scenario>) {
  const run = await simulate(seed, { scenario })
  if (run.finding !== undefined) throw new Error(failureText(run))
  return run
}
