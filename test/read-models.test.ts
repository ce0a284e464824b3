import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const page = readFileSync(join(root, 'docs', 'read-models.md'), 'utf8')
const blocks = [...page.matchAll(/^```(\w*)\n([\s\S]*?)^```/gm)]
const folder = mkdtempSync(join(tmpdir(), 'rejoin-read-models-'))
symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))

afterAll(() => rmSync(folder, { recursive: true }))

it('docs/read-models.md shows code that runs, all of it', () => {
  expect(blocks.map(([, language]) => language)).toEqual(['ts', 'ts', 'ts'])
  expect(blocks.map(([, , code], at) => run(code as string, at))).toEqual([
    '{ cents: 300 }\n1 false string\n',
    '7 1\n4 of 4\nidle 0 1\n',
    'mail tea true 1\ndone\n',
  ])
})

/** On the sources, as the package has them. */
function run(code: string, at: number): string {
  const file = join(folder, `${at}.ts`)
  const onSources = code.replace(
    /from 'rejoin(\/[^']+)?'/g,
    (_, room = '/sync') => `from '${join(root, 'src')}${room}/index.ts'`,
  )
  writeFileSync(file, onSources)
  const { stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' })
  expect(stderr).toBe('')
  return stdout
}
