import { expect, it } from 'vitest'
import { faults, noCounts } from './counts.ts'
import { seededRandom } from './random.ts'
import { addRun, countsTable, failureText, noRuns, untried } from './report.ts'
import { drawScenario } from './scenario.ts'
import type { SimulationRun } from './simulation.ts'

const run: SimulationRun = {
  seed: 7,
  scenario: drawScenario(seededRandom(7)),
  counts: { ...noCounts(), crashes: 3 },
  steps: 100,
  owed: 5,
  rounds: 2,
  healed: 300,
  trace: ['0.0 seed 7', '1.0 a is up'],
  hash: 'abc',
}
const failing = { ...run, seed: 8, finding: { invariant: 'S1', message: 'a has x, b has not' } }

it('a summary adds runs up and keeps the failing ones', () => {
  const summary = [run, failing].reduce(addRun, noRuns)
  expect(summary).toMatchObject({ runs: 2, steps: 200, owed: 10, rounds: 2, failed: 1 })
  expect(summary.counts.crashes).toBe(6)
  expect(summary.failures).toEqual([failing])
})

it('a summary keeps few failures, and counts all', () => {
  const summary = Array.from({ length: 30 }, () => failing).reduce(addRun, noRuns)
  expect(summary.failed).toBe(30)
  expect(summary.failures.length).toBe(10)
})

it('a summary names the faults that never happened', () => {
  expect(untried(noRuns)).toEqual(faults)
  expect(untried(addRun(noRuns, run))).toEqual(faults.filter((fault) => fault !== 'crashes'))
})

it('a table has a line for each fault', () => {
  const table = countsTable(addRun(addRun(noRuns, run), run))
  expect(table).toMatch(/^2 runs, 200 steps, 10 events owed, at most 2 rounds and 0\.3 s to rest\n/)
  expect(table).toMatch(/crashes +6 +3\.0 a run/)
  for (const fault of faults) expect(table).toContain(fault)
})

it('a failure says what, where, and how to see it again', () => {
  const text = failureText(failing)
  expect(text).toMatch(/^S1 does not hold in the world of seed 8: a has x, b has not\n/)
  expect(text).toContain('a is up')
  expect(text).toContain('REJOIN_SEED=8 npx vitest run test/simulation')
  expect(text).toContain('npm run simulate -- --seed 8 --trace')
  expect(failureText(run)).toBe('seed 7 holds')
})
