import { expect } from 'vitest'
import { collectedRunner } from '../../src/testing/acceptance/collected-runner.ts'
import type { Runner } from '../../src/testing/acceptance/runner.ts'

/** The names of the tests of a suite that fail. */
export async function failuresOf(suite: (runner: Runner) => void): Promise<readonly string[]> {
  const runner = collectedRunner({ timeout: 2_000 })
  suite(runner)
  expect(runner.collected).toBeGreaterThan(90)
  return (await runner.failures()).map(({ name }) => name)
}

/** The test of that name is among those that failed, once. */
export function expectNoticed(failures: readonly string[], test: string): void {
  expect(failures.filter((name) => name.endsWith(` > ${test}`))).toHaveLength(1)
}
