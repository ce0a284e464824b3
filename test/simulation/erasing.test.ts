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
const seeds = isFull ? 120 : 22

const erasing: Partial<Scenario> = { eraseEvery: 2_500 }
/** Without what worlds did not know yet when these seeds were noted: they turn as they did then. */
const asFound: Partial<Scenario> = {
  ...erasing,
  oneWay: 0,
  diskTroubleEvery: Infinity,
  clockJumpEvery: Infinity,
  readers: 0,
  links: 'rounds',
}

describe('worlds in which users take back what they wrote', () => {
  let summary = noRuns

  it(`E1: what is erased is erased everywhere at rest, and its content nowhere: ${seeds} seeds`, async () => {
    for (let seed = 1; seed <= seeds; seed++) summary = addRun(summary, await holds(seed, erasing))
  }, 300_000)

  it(`S1: also where nodes sync parts of each other: ${seeds} seeds`, async () => {
    for (let seed = 1; seed <= seeds; seed++) await holds(seed, inParts(seed))
  }, 300_000)

  it('hold where one once did not: seed 238 in parts, a check met the failed disk of another node', async () => {
    await holds(238, inParts(238))
  })

  it('hold where one once did not: seed 379, a copy was kept from an erasure that came as a parent', async () => {
    await holds(379, asFound)
  })

  it('hold where one once did not: seed 413, a row had moved on, and an older backup put it back before a reader', async () => {
    await holds(413, asFound)
  })

  it('have seen every fault, and erasures that travel', () => {
    console.log(countsTable(summary))
    expect(untried(summary)).toEqual([])
    expect(untried(summary, erasings)).toEqual([])
  })
})

function inParts(seed: number): Partial<Scenario> {
  const random = seededRandom(`erasing ${seed}`)
  return { ...erasing, filters: drawFilters(random, ['a', 'b', 'c', 'd', 'e'], 10_000) }
}

async function holds(seed: number, scenario: Partial<Scenario>) {
  const run = await simulate(seed, { scenario })
  if (run.finding !== undefined) throw new Error(failureText(run))
  return run
}
