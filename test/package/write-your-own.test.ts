import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { docBlocks, ranBlocks } from '../doc-blocks.ts'
import { type Installed, installPackage, root } from './install.ts'

let installed: Installed

beforeAll(async () => {
  installed = await installPackage()
  writeFileSync(join(installed.project, 'package.json'), '{"type":"module"}')
}, 120_000)

afterAll(() => installed.dispose())

describe.each([
  {
    page: 'write-a-store.md',
    suites: 'stores.test.ts',
    tests: 450,
    lacking: ['it reads its file only when it opens'],
  },
  {
    page: 'write-a-transport.md',
    suites: 'port-transport.test.ts',
    tests: 105,
    lacking: ['this one only answers'],
  },
])('$page', ({ page, suites, tests, lacking }) => {
  it('shows code that passes the suite under node:test', () => {
    extract(page)
    const args = ['--test', '--test-reporter=tap', suites]
    const { stdout, status } = run(args)
    const lines = stdout.split('\n')
    expect(lines.filter((line) => /^\s*not ok/.test(line))).toEqual([])
    expect(status).toBe(0)
    expect(countIn(stdout, 'pass')).toBeGreaterThan(tests)
    const skips = lines.filter((line) => line.includes('# SKIP'))
    expect([...new Set(skips.map((line) => /skipped: (.*)\) # SKIP/.exec(line)?.[1]))]).toEqual(
      lacking,
    )
    // The suite imports all but what is a program of its own.
    ranBlocks(...codesOf(page).filter((code) => !code.startsWith(`// ${losing}\n`)))
  }, 120_000)

  it('shows code that checks in a strict TypeScript project', () => {
    const files = extract(page)
    const options =
      '--strict --exactOptionalPropertyTypes --erasableSyntaxOnly --allowImportingTsExtensions ' +
      '--module nodenext --target esnext --noEmit --types node'
    const tsc = join(root, 'node_modules', '.bin', 'tsc')
    const { stdout } = spawnSync(tsc, [...options.split(' '), ...files], {
      cwd: installed.project,
      encoding: 'utf8',
    })
    expect(stdout).toBe('')
  }, 60_000)
})

it('write-a-transport.md shows what a lost answer comes to', () => {
  extract('write-a-transport.md')
  const printed = execFileSync(process.execPath, [losing], {
    cwd: installed.project,
    encoding: 'utf8',
  })
  expect(printed).toBe('1n 0n\n')
  ranBlocks(...codesOf('write-a-transport.md').filter((code) => code.startsWith(`// ${losing}\n`)))
})

/** Writes every block of a page to the file that its first line names. */
function extract(page: string): readonly string[] {
  const text = readFileSync(join(root, 'docs', page), 'utf8')
  const blocks = [...text.matchAll(/^```ts\n\/\/ (\S+)\n([\s\S]*?)^```/gm)]
  expect(blocks.length).toBe(text.match(/^```ts/gm)?.length)
  return blocks.map(([, file, code]) => {
    writeFileSync(join(installed.project, file as string), code as string)
    return file as string
  })
}

function codesOf(page: string): readonly string[] {
  return docBlocks()
    .filter((block) => block.page === `docs/${page}`)
    .map(({ code }) => code)
}

const losing = 'losing-an-answer.ts'

function run(args: readonly string[]) {
  // Node's own runner must not take itself for a part of ours.
  const { NODE_TEST_CONTEXT: _, ...env } = process.env
  // Some 10,000 flushes are not what is looked at here.
  const inMemory = existsSync('/dev/shm') ? { TMPDIR: '/dev/shm' } : {}
  return spawnSync(process.execPath, args, {
    cwd: installed.project,
    env: { ...env, ...inMemory },
    encoding: 'utf8',
  })
}

function countIn(tap: string, what: string): number {
  return Number(new RegExp(`^# ${what} (\\d+)$`, 'm').exec(tap)?.[1])
}
