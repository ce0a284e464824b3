// Adds up what the runners reported in .reports/ and closes with `N passed, N failed`.
// Exits 1 when anything failed, or when fewer passed than .ci/minimum-tests demands.
import { readFileSync } from 'node:fs'

const root = new URL('..', import.meta.url)

interface VitestReport {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly assertionResults: readonly { readonly status: string }[]
  }[]
}

type Single = { readonly name: string; readonly passed: boolean }

const missing: Single[] = []
const none: VitestReport = { numPassedTests: 0, numFailedTests: 0, testResults: [] }
// Two runs, each of other files.
const reports = ['vitest', 'torture'].map((name) =>
  read<VitestReport>(`.reports/${name}.json`, none),
)
// A file that could not even be loaded has no failed test of its own, but it failed.
const brokenFiles = reports
  .flatMap(({ testResults }) => testResults)
  .filter(({ status }) => status === 'failed')
  .filter(({ assertionResults }) => !assertionResults.some(({ status }) => status === 'failed'))
const checks = read<readonly Single[]>('.reports/check.json', [])
const steps = read<readonly Single[]>('.reports/steps.json', [])

const single = [...checks, ...steps, ...missing]
const failures = single.filter((one) => !one.passed)
const passed = sum(({ numPassedTests }) => numPassedTests) + single.length - failures.length
const failed = sum(({ numFailedTests }) => numFailedTests) + brokenFiles.length + failures.length

for (const { name } of [...failures, ...brokenFiles]) console.log(`failed: ${name}`)
const minimum = Number(readText('.ci/minimum-tests'))
if (passed < minimum) console.log(`Only ${passed} passed; .ci/minimum-tests demands ${minimum}.`)
if (!(failed === 0 && passed >= minimum)) process.exitCode = 1
console.log(`${passed} passed, ${failed} failed`)

function sum(of: (report: VitestReport) => number): number {
  return reports.reduce((all, report) => all + of(report), 0)
}

function read<T>(path: string, otherwise: T): T {
  try {
    return JSON.parse(readText(path)) as T
  } catch (error) {
    missing.push({ name: `${path}: ${error}`, passed: false })
    return otherwise
  }
}

function readText(path: string): string {
  return readFileSync(new URL(path, root), 'utf8')
}
