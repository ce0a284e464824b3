import { expect } from 'vitest'
import { collectedRunner } from '../../src/testing/acceptance/collected-runner.ts'
import type { Runner } from '../../src/testing/acceptance/runner.ts'

/** The names of the tests of a suite that fail. What hangs, as faults may make a test do, is given up soon. */
export async function failuresOf(suite: (runner: Runner) => void): Promise<readonly string[]> {
  return (await failures(suite, 2_000)).map(({ name }) => name)
}

/** All tests of the suite pass, however slow this machine is. */
export async function expectPassed(suite: (runner: Runner) => void): Promise<void> {
  expect(await failures(suite, 60_000)).toEqual([])
}

/** The test of that name is among those that failed, once. */
export function expectNoticed(failures: readonly string[], test: string): void {
  expect(failures.filter((name) => name.endsWith(` > ${test}`))).toHaveLength(1)
}

function failures(suite: (runner: Runner) => void, timeout: number) {
  const runner = collectedRunner({ timeout })
  suite(runner)
  expect(runner.collected).toBeGreaterThan(90)
  return runner.failures()
}
