import { expect } from 'vitest'
import { collectedRunner } from '../../src/testing/acceptance/collected-runner.ts'
import type { Runner } from '../../src/testing/acceptance/runner.ts'

/** The names of the tests of a suite that fail. What hangs, as faults may make a test do, is given up soon. */
export async function failuresOf(
  suite: (runner: Runner) => void,
  atLeast = usual,
): Promise<readonly string[]> {
  return (await failures(suite, 2_000, atLeast)).map(({ name }) => name)
}

/** All tests of the suite pass, however slow this machine is. */
export async function expectPassed(
  suite: (runner: Runner) => void,
  atLeast = usual,
): Promise<void> {
  expect(await failures(suite, 60_000, atLeast)).toEqual([])
}

/** The test of that name is among those that failed, once. */
export function expectNoticed(failures: readonly string[], test: string): void {
  expect(failures.filter((name) => name.endsWith(` > ${test}`))).toHaveLength(1)
}

function failures(suite: (runner: Runner) => void, timeout: number, atLeast: number) {
  const runner = collectedRunner({ timeout })
  suite(runner)
  expect(runner.collected).toBeGreaterThan(atLeast)
  return runner.failures()
}

const usual = 90
