import { expect, it } from 'vitest'
import { mayShare, sharingFiles } from './shared-process.ts'

it('most tests share a process', () => {
  const files = sharingFiles()
  expect(files.length).toBeGreaterThan(300)
  expect(files).toContain('src/json/canonical.test.ts')
  expect(files.filter((file) => file.startsWith('test/torture/'))).toEqual([])
})

it.each([
  "vi.spyOn(JSON, 'parse')",
  "process.on('unhandledRejection', note)",
  'process.env.HOME = folder',
  'globalThis.fetch = broken',
  'expect(process.memoryUsage().rss).toBeLessThan(most)',
  'const client = await oooClient()',
])('a test with %s has a process of its own', (line) => {
  expect(mayShare(`import { vi } from 'vitest'\n${line}\n`)).toBe(false)
})

it.each([
  'await vi.waitFor(() => expect(seen).toBe(process.env.REJOIN_RUNS))',
  "import { rejoin } from './command-process.ts'",
  'const child = spawn(process.execPath, [script])',
  'await using store = await SqliteStore.open({ path })',
])('a test with %s may share one', (line) => {
  expect(mayShare(line)).toBe(true)
})
