import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..')
const page = readFileSync(join(root, 'docs', 'guarantees.md'), 'utf8')
const promises = [...page.matchAll(/^\| ([A-Z]\d) \| .* \| ([^|]*) \|$/gm)].map((row) => ({
  id: row[1] as string,
  files: [...(row[2] as string).matchAll(/`([^`]+)`/g)].map((found) => found[1] as string),
}))

describe('the page of guarantees', () => {
  it('has a test for each promise', () => {
    expect(promises.map(({ id }) => id)).toEqual(
      'L1 L2 L3 L4 S1 S2 S3 S4 S5 C1 C2 C3 E1 T1 T2 T3 T4 T5 K1 K2 K3 X1'.split(' '),
    )
    for (const { files } of promises) expect(files.length).toBeGreaterThan(0)
  })

  it.each(promises)('names tests of $id that exist and carry its name', ({ id, files }) => {
    for (const file of files) {
      expect(existsSync(join(root, file)), file).toBe(true)
      expect(readFileSync(join(root, file), 'utf8'), file).toMatch(new RegExp(`\\b${id}\\b`))
    }
  })
})
