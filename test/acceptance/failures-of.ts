import { expect } from 'vitest'
import { collectedRunner } from '../../src/testing/acceptance/collected-runner.ts'
import type { Runner } from '../../src/testing/acceptance/runner.ts'

/**
 * Each of these tests of the suite fails. The others, which the fault may break as well, or not, aren't run. What
 * hangs, as faults may make a test do, is given up soon.
 */
export async function expectNoticed(
  suite: (runner: Runner) => void,
  noticed: readonly string[],
  atLeast = usual,
): Promise<void> {
  const collected = collectedRunner({ timeout: 2_000 })
  const others: string[] = []
  const it = (name: string, run: () => Promise<void>) => {
    if (noticed.includes(name)) collected.it(name, run)
    else others.push(name)
  }
  suite({ ...collected, it: Object.assign(it, { skip: collected.it.skip }) })
  expect(collected.collected + others.length).toBeGreaterThan(atLeast)
  const failures = await collected.failures()
  for (const test of noticed)
    expect(failures.filter(({ name }) => name.endsWith(` > ${test}`))).toHaveLength(1)
}

/** All tests of the suite pass, however slow this machine is. */
export async function expectPassed(
  suite: (runner: Runner) => void,
  atLeast = usual,
): Promise<void> {
  const runner = collectedRunner({ timeout: 60_000 })
  suite(runner)
  expect(runner.collected).toBeGreaterThan(atLeast)
  expect(await runner.failures()).toEqual([])
}

const usual = 90
