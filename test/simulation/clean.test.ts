import { describe, expect, it } from 'vitest'
import {
  addRun,
  countsTable,
  failureReport,
  followings,
  noRuns,
  rescues,
  type Scenario,
  seededRandom,
  simulate,
  untried,
} from '../../src/testing/index.ts'
import regressions from './seeds.json' with { type: 'json' }

const isFull = process.env.REJOIN_TORTURE === 'full'
const { REJOIN_SEED: replayed } = process.env
const [seeds, atOnce] = isFull ? [400, 50] : [100, 25]
const disasters = isFull ? 100 : 10

/** What worlds did not know yet when a seed was noted: without it they turn as they did then. */
const eras: Readonly<Record<number, Partial<Scenario>>> = {
  1: {
    oneWay: 0,
    diskTroubleEvery: Infinity,
    clockJumpEvery: Infinity,
    readers: 0,
    links: 'rounds',
  },
  2: { links: 'live' },
}

/** Wipes, copies and restores in such a row that most nodes are copies of copies. */
function burning(seed: number): Partial<Scenario> {
  const random = seededRandom(`burning ${seed}`)
  const disasters = Array.from({ length: random.int(3, 7) }, () => ({
    kind: random.pick(['copy', 'copy', 'restore', 'restore', 'wipe'] as const),
    at: random.int(2_000, 12_000),
  }))
  const rooms = random.pick([1, 3, 20])
  return {
    disasters,
    aggregates: Array.from({ length: rooms }, (_, at) => `room ${at}`),
    troubledTime: 14_000,
    downTime: random.int(50, 1_500),
    syncEvery: random.int(300, 2_000),
  }
}

async function holds(seed: number, scenario: Partial<Scenario> = {}) {
  const run = await simulate(seed, { scenario })
  if (run.finding === undefined) return run
  const where = 'disasters' in scenario ? 'burning, which only this test replays: ' : ''
  throw new Error(where + (await failureReport(run)))
}

if (replayed === undefined) describe('simulated worlds', allWorlds)
else it(`the world asked for holds: seed ${replayed}`, () => holds(Number(replayed)), 120_000)

function allWorlds(): void {
  let summary = noRuns

  for (let first = 1; first <= seeds; first += atOnce) {
    const last = first + atOnce - 1
    it(`S1 S2 S3 S4 L1 L2 L3 L4: hold, seeds ${first} to ${last}`, async () => {
      for (let seed = first; seed <= last; seed++) summary = addRun(summary, await holds(seed))
    }, 120_000)
  }

  it('have seen every fault', () => {
    console.log(countsTable(summary))
    expect(untried(summary)).toEqual([])
    expect(untried(summary, followings)).toEqual([])
    expect(untried(summary, rescues)).toEqual(rescues)
    expect(summary.runs).toBe(seeds)
    expect(summary.owed).toBeGreaterThan(20 * seeds)
  })

  it('S4: hold where one disaster follows another', async () => {
    for (let seed = 1; seed <= disasters; seed++) await holds(seed, burning(seed))
  }, 300_000)

  it('S2, S4: and links are live, which once kept following a remote under the origin it had: 156', async () => {
    for (const seed of [156, ...Array.from({ length: disasters }, (_, at) => at + 1)])
      await holds(seed, { ...burning(seed), links: 'live' })
  }, 300_000)

  for (const { era, seed, found } of regressions)
    it(`hold where one once did not: seed ${seed}, ${found}`, () => holds(seed, eras[era]), 120_000)
}
