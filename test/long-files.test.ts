import { globSync, readFileSync } from 'node:fs'
import { join, matchesGlob } from 'node:path'
import { expect, it } from 'vitest'
import { longFiles } from './long-files.ts'

const root = join(import.meta.dirname, '..')
const files = globSync('{src,test}/**/*.test.ts', { cwd: root })
const isLong = (file: string) => longFiles.some((pattern) => matchesGlob(file, pattern))

it('every test that the whole torture makes longer is among those it runs', () => {
  const scaling = /process\.env\.REJOIN_TORTURE|\bscaled\(/
  const longer = files.filter((file) => scaling.test(readFileSync(join(root, file), 'utf8')))
  expect(longer.length).toBeGreaterThan(10)
  expect(longer.filter((file) => !isLong(file))).toEqual([])
})

it('each pattern of them still finds a test', () => {
  for (const pattern of longFiles)
    expect(
      files.filter((file) => matchesGlob(file, pattern)),
      pattern,
    ).not.toEqual([])
})
