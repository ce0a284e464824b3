import { expect, it } from 'vitest'
import { handDriven } from '../transport/fixtures/hand-driven.ts'
import { Waits } from './waits.ts'

it('tells one time for one wait, although the clocks tick apart', () => {
  const { waits, clocks } = waiting()
  const { next } = waits
  for (let n = 0; n < 50; n++) {
    // As real ones do: the wall clock is read in whole milliseconds.
    clocks.passed += 0.37
    expect(waits.next).toBe(next)
  }
  waits.about(2_000)
  expect(waits.next).not.toBe(next)
})

it('tells another time once the wall clock was set', () => {
  const { waits, clocks } = waiting()
  const { next } = waits
  clocks.set = 3_600_000
  expect(waits.next).toBe(next + 3_600_000)
  clocks.passed += 0.6
  expect(waits.next).toBe(next + 3_600_000)
})

function waiting() {
  const clocks = { passed: 0.2, set: 0 }
  const runtime = {
    ...handDriven(),
    random: () => 0.5,
    monotonic: () => clocks.passed,
    now: () => Math.floor(1_777_636_800_000.9 + clocks.passed + clocks.set),
  }
  const policy = { least: 0, first: 2_000, longest: 60_000 }
  const waits = new Waits({ runtime, policy, onDue: () => {} })
  waits.about(10_000)
  return { waits, clocks }
}
