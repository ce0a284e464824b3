import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const page = readFileSync(join(root, 'docs', 'coming-from-ooo.md'), 'utf8')
const rows = [...page.matchAll(/^\| (.+) \| (.+) \|$/gm)].slice(1)

it('docs/coming-from-ooo.md names only what there is here', () => {
  const sources = globSync('src/{state,server,cli}/**/*.ts', { cwd: root })
    .filter((file) => !file.endsWith('.test.ts'))
    .map((file) => readFileSync(join(root, file), 'utf8'))
    .join('\n')
  const names = rows.flatMap(([, , here = '']) =>
    [...here.matchAll(/`([A-Za-z]+)[^`]*`/g)].map(([, name]) => name as string),
  )
  expect(rows.length).toBeGreaterThan(15)
  expect(names.length).toBeGreaterThan(40)
  for (const name of new Set(names))
    expect(sources, name).toMatch(
      new RegExp(`\\b${name}\\b\\??[:(]|(function|command|const) ${name}\\b|'${name}'`),
    )
})
