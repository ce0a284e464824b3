import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { reasonToSkip, skips } from './skips.ts'

const { REJOIN_PLANT: planted } = process.env

/** What this file holds when it is run with REJOIN_PLANT. */
const plants: Readonly<Record<string, () => void>> = {
  skip() {
    it('runs', () => {})
    it.skip('is skipped and says nothing', () => {})
  },
  todo() {
    it('runs', () => {})
    it.todo('is still to be written')
  },
  note() {
    it('runs', () => {})
    it('is skipped with a reason of its own', (context) => context.skip('because'))
  },
  empty() {
    it('runs', () => {})
    describe('a suite', () =>
      it.skip(`whatever (${reasonToSkip('store/memory', 'durable')})`, () => {}))
  },
  listed() {
    describe('a suite', () => {
      it('runs', () => {})
      it.skip(`whatever (${reasonToSkip('store/memory', 'durable')})`, () => {})
    })
    it('is not possible here', (context) => context.skip(reasonToSkip('store/sqlite', 'flushes')))
  },
}

if (planted !== undefined) plants[planted]?.()
else
  describe('a run of the tests', () => {
    const faults = {
      skip: 'Skipped without a line in test/skips.ts: test/skips.test.ts, is skipped and says nothing',
      todo: 'Skipped without a line in test/skips.ts: test/skips.test.ts, is still to be written',
      note: 'Skipped without a line in test/skips.ts: test/skips.test.ts, is skipped with a reason',
      empty: 'Ran nothing: test/skips.test.ts a suite',
    }
    it.each(Object.entries(faults))('fails when somebody plants this: %s', (plant, message) => {
      const { status, stderr } = runWith(plant)
      expect(stderr).toContain(message)
      expect(status).toBe(1)
    })

    it('passes with skips that are listed', () => {
      const { status, stderr } = runWith('listed')
      expect(stderr).toBe('')
      expect(status).toBe(0)
    })

    it('has a reason for each skip, and each of them once', () => {
      const names = skips.map(({ implementation, test }) => `${implementation}, ${test}`)
      expect(new Set(names).size).toBe(names.length)
      for (const { reason } of skips) expect(reason.trim().length).toBeGreaterThan(10)
      expect(() => reasonToSkip('store/memory', 'anything')).toThrow('has no line')
    })
  })

function runWith(plant: string) {
  const args = [
    'node_modules/vitest/vitest.mjs',
    'run',
    '--outputFile.json=/dev/null',
    'test/skips.test.ts',
  ]
  return spawnSync(process.execPath, args, {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { ...process.env, REJOIN_PLANT: plant },
    encoding: 'utf8',
  })
}
