import { expect, it } from 'vitest'
import { mayShare, sharingFiles } from './shared-process.ts'

it('most tests of what knows neither disk nor network share a process', () => {
  const files = sharingFiles()
  expect(files.length).toBeGreaterThan(60)
  expect(files).toContain('src/json/canonical.test.ts')
})

it.each([
  "vi.spyOn(JSON, 'parse')",
  "process.on('unhandledRejection', note)",
  'process.env.HOME = folder',
  'globalThis.fetch = broken',
  "import { Worker } from 'node:worker_threads'",
  "import { spawn } from 'node:child_process'",
  'httpTransport({ url })',
  'await SqliteStore.open({ path })',
])('a test with %s has a process of its own', (line) => {
  expect(mayShare(`import { vi } from 'vitest'\n${line}\n`)).toBe(false)
})

it('a test that only waits may share one', () => {
  expect(mayShare('await vi.waitFor(() => expect(seen).toBe(process.env.REJOIN_RUNS))')).toBe(true)
})
