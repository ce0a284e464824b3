// What was shown between Rejoin and Go in the last test run: Go's version, what Go's module proxy says about
// the libraries, and each case with its counts. Exits 1 where Go is installed and a case did not run and pass.
import { execFile, execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cases, type InteropCase } from '../test/interop/cases.ts'

const modules = [
  'github.com/c0deZ3R0/go-sync-kit@v0.16.0',
  'github.com/c0deZ3R0/go-sync-kit@v0.22.0',
  'github.com/benitogf/ooo@latest',
  'github.com/benitogf/pivot@latest',
]

const go = goVersion()
if (go === undefined) {
  console.log(`Go is not installed here: ${cases.length} cases between Rejoin and Go were skipped.`)
} else {
  console.log(go)
  for (const module of modules) console.log(`${module}: ${await proxyAnswer(module)}`)
  console.log("so Go's side is interop/go, our stand-in on Go's own net/http and encoding/json")
  const tests = testsByName()
  for (const one of cases) {
    const { passed, line } = outcome(one, tests.get(one.name))
    console.log(line)
    if (!passed) process.exitCode = 1
  }
}

interface Test {
  readonly title: string
  readonly status: string
  readonly meta?: { readonly interop?: Readonly<Record<string, number>> }
}

function outcome({ name, notYet }: InteropCase, test: Test | undefined) {
  if (notYet !== undefined) return { passed: true, line: `not yet   ${name}: ${notYet}` }
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
  const folder = mkdtempSync(join(tmpdir(), 'rejoin-module-'))
  try {
    writeFileSync(join(folder, 'go.mod'), 'module asks\n')
    const args = ['mod', 'download', '-json', module]
    const answer = await new Promise<string>((resolve, reject) => {
      execFile('go', args, { cwd: folder, timeout: 30_000 }, (error, stdout) => {
        if (stdout.startsWith('{')) resolve(stdout)
        else reject(error ?? new Error('go mod download said nothing'))
      })
    })
    const { Error: trouble } = JSON.parse(answer) as { readonly Error?: string }
    if (trouble !== undefined) return trouble.replace(/\s+/g, ' ')
    return 'it can be downloaded now: let interop/go require it, see interop/README.md'
  } catch (error) {
    return `no answer (${(error as Error).message.split('\n')[0]})`
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function goVersion(): string | undefined {
  try {
    return execFileSync('go', ['version'], { encoding: 'utf8' }).trim()
  } catch {
    return undefined
  }
}
