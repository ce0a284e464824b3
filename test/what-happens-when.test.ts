import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const page = readFileSync(join(root, 'docs', 'what-happens-when.md'), 'utf8')
const rows = [...page.matchAll(/^\| (.+) \| .+ \| (.+) \|$/gm)]
  .map(([, fault = '', shownBy = '']) => ({ fault, shownBy }))
  .filter(({ shownBy }) => shownBy !== 'shown by')

it('docs/what-happens-when.md tells of many faults, each once', () => {
  expect(rows.length).toBeGreaterThan(30)
  expect(new Set(rows.map(({ fault }) => fault)).size).toBe(rows.length)
})

it.each(rows)('a test shows what happens when $fault', ({ shownBy }) => {
  const [, file = '', title = ''] = /^`([^`]+\.test\.ts)`: (.+)$/.exec(shownBy) ?? []
  expect(existsSync(join(root, file)), file).toBe(true)
  const titles = readFileSync(join(root, file), 'utf8')
    .split('\n')
    .filter((line) => /\bit\b|^\s*'|\)\('/.test(line))
  expect(titles.join('\n')).toContain(title)
})
