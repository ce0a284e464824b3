import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const docs = join(import.meta.dirname, '..', 'docs')
const index = readFileSync(join(docs, 'README.md'), 'utf8')

it('the index of the documentation leads to every page', () => {
  const pages = globSync('*.md', { cwd: docs }).filter((page) => page !== 'README.md')
  expect(pages.length).toBeGreaterThan(20)
  expect(pages.filter((page) => !index.includes(`](${page})`))).toEqual([])
})

it('it has every subpath of the package, and no other', async () => {
  const { exports } = (await import('../package.json', { with: { type: 'json' } })).default
  const published = Object.keys(exports)
    .filter((path) => path !== './package.json')
    .map((path) => `rejoin${path.slice(1)}`)
  const named = [...index.matchAll(/`(rejoin(?:\/[\w-]+)*)`/g)].map(([, name]) => name)
  expect(named.toSorted()).toEqual(published.toSorted())
})
