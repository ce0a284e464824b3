import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../..', import.meta.url))
const page = readFileSync(join(root, 'docs/options.md'), 'utf8')
const folder = mkdtempSync(join(tmpdir(), 'rejoin-options-'))
symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))

afterAll(() => rmSync(folder, { recursive: true }))

const blocks = [...page.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map((found) => found[1] as string)

it('docs/options.md shows code that runs', () => {
  expect(blocks.map(run)).toEqual(['synced false 0\n', 'true 1\n'])
})

/** On the sources, as the package has them. */
function run(code: string, index: number): string {
  const file = join(folder, `${index}.ts`)
  const onSources = code.replace(/from 'rejoin(\/[^']+)?'/g, (_, room = '/sync') => {
    return `from '${join(root, 'src')}${room}/index.ts'`
  })
  writeFileSync(file, onSources)
  const { stdout, stderr } = spawnSync(process.execPath, [file], { encoding: 'utf8' })
  expect(stderr).toBe('')
  return stdout
}
