// What was shown between Rejoin and Go in the last test run: Go's version, what Go's module proxy says about
// the libraries, and each case with its counts. Exits 1 where Go is installed and a case did not run and pass,
// unless the proxy refuses, now as then, what it requires.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { GoModule, refusalOf } from '../interop/go-module.ts'
import { cases, type InteropCase } from '../test/interop/cases.ts'

const modules = [
  'github.com/c0deZ3R0/go-sync-kit@v0.16.0',
  'github.com/c0deZ3R0/go-sync-kit@v0.22.0',
]

const go = goVersion()
if (go === undefined) {
  const left = cases.filter(({ withoutGo }) => !withoutGo)
  console.log(`Go is not installed here: ${left.length} cases between Rejoin and Go were skipped.`)
  show(cases.filter(({ withoutGo }) => withoutGo))
} else {
  console.log(go)
  for (const module of modules) console.log(`${module}: ${await proxyAnswer(module)}`)
  console.log("its side is interop/go, our stand-in on Go's own net/http and encoding/json, and")
  console.log('the library itself where Go gets what interop/go-sync-kit requires')
  show(cases, await refusals())
}

function show(those: readonly InteropCase[], refused: ReadonlyMap<string, string> = new Map()) {
  const tests = testsByName()
  for (const one of those) {
    const { passed, line } = outcome(one, tests.get(one.name), refused)
    console.log(line)
    if (!passed) process.exitCode = 1
  }
}

interface Test {
  readonly title: string
  readonly status: string
  readonly meta?: {
    readonly interop?: Readonly<Record<string, number>>
    readonly refused?: string
  }
}

function outcome(
  { name, notYet, requires }: InteropCase,
  test: Test | undefined,
  refused: ReadonlyMap<string, string>,
) {
  if (notYet !== undefined) return { passed: true, line: `not yet   ${name}: ${notYet}` }
  if (requires !== undefined && refused.has(requires) && test?.meta?.refused !== undefined)
    return { passed: true, line: `refused   ${name}: what interop/${requires} requires` }
  const counts = Object.entries(test?.meta?.interop ?? {})
  if (test?.status !== 'passed' || counts.length === 0)
    return { passed: false, line: `FAILED    ${name}: ${test?.status ?? 'did not run'}` }
  const text = counts.map(([what, count]) => `${count} ${what}`).join(', ')
  return { passed: true, line: `ok        ${name} (${text})` }
}

function testsByName(): ReadonlyMap<string, Test> {
  const path = new URL('../.reports/vitest.json', import.meta.url)
  const report = JSON.parse(readFileSync(path, 'utf8')) as {
    readonly testResults: readonly { readonly assertionResults: readonly Test[] }[]
  }
  const tests = report.testResults.flatMap(({ assertionResults }) => assertionResults)
  return new Map(tests.map((test) => [test.title, test]))
}

/** In one line; if the module can be had after all, that is news. */
async function proxyAnswer(module: string): Promise<string> {
  return (await refusalOf(module)) ?? 'it can be downloaded, see interop/README.md'
}

/** Why Go gets no module that interop/<name> requires, of all those that cases run. */
async function refusals(): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  for (const name of new Set(cases.flatMap(({ requires = [] }) => requires))) {
    await using module = await GoModule.open(name)
    if (module.refused !== undefined) found.set(name, module.refused)
    console.log(
      `interop/${name}: ${module.refused ?? 'has the published modules that it requires'}`,
    )
  }
  return found
}

function goVersion(): string | undefined {
  try {
    return execFileSync('go', ['version'], { encoding: 'utf8' }).trim()
  } catch {
    return undefined
  }
}
