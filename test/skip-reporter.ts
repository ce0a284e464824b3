import type { Reporter, TestCase, TestModule, Vitest } from 'vitest/node'
import { skips, textOf } from './skips.ts'

/**
 * Fails the run when a test was skipped without a line in skips.ts, or when a suite ran nothing: what is
 * not run proves nothing, and nobody notices. Runs that ask for some tests by name are left alone.
 */
export class SkipReporter implements Reporter {
  #asksForSome = false

  onInit(vitest: Vitest): void {
    this.#asksForSome = vitest.config.testNamePattern !== undefined
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    if (this.#asksForSome) return
    const problems = modules.flatMap((module) => [...unlistedSkips(module), ...emptySuites(module)])
    if (problems.length === 0) return
    console.error(`\n${problems.join('\n')}\n`)
    process.exitCode = 1
  }
}

function unlistedSkips(module: TestModule): string[] {
  return [...module.children.allTests()]
    .filter((test) => isSkipped(test) && !isListed(`${test.fullName} ${noteOf(test)}`))
    .map(
      (test) =>
        `Skipped without a line in test/skips.ts: ${module.relativeModuleId}, ${test.fullName}`,
    )
}

/** Only what stands in the list and found out on its own that it can't run here may leave nothing over. */
function emptySuites(module: TestModule): string[] {
  const suites = [...module.children].filter((one) => one.type === 'suite')
  return [module, ...suites]
    .filter((suite) => {
      const tests = [...suite.children.allTests()]
      return tests.every(isSkipped) && !tests.some((test) => isListed(noteOf(test)))
    })
    .map(
      (suite) =>
        `Ran nothing: ${[module.relativeModuleId, 'name' in suite ? suite.name : ''].join(' ')}`,
    )
}

function isSkipped(test: TestCase): boolean {
  return test.result().state === 'skipped'
}

function noteOf(test: TestCase): string {
  const result = test.result()
  return result.state === 'skipped' ? (result.note ?? '') : ''
}

function isListed(text: string): boolean {
  return skips.some((skip) => text.includes(textOf(skip)))
}
