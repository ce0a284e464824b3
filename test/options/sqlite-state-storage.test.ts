import { describe, expect } from 'vitest'
import type { Origin } from '../../src/event/index.ts'
import { silentLogger } from '../../src/ports/index.ts'
import { systemRuntime } from '../../src/runtime/index.ts'
import { firstWriteWins, openState } from '../../src/state/index.ts'
import { type SqliteStateOptions, SqliteStateStorage } from '../../src/store/sqlite/index.ts'
import { someOrigin } from '../../src/transport/fixtures/logs.ts'
import { type OptionTest, testEachOption } from './each-option.ts'
import { fileTests, newPath } from './sqlite-files.ts'

type Test = OptionTest<SqliteStateOptions, Promise<SqliteStateStorage>>

const day = 24 * 60 * 60_000

const tests = {
  ...fileTests,

  async policies(make) {
    const storage = await make({ path: newPath(), policies: { 'claims/*': firstWriteWins } })
    await using tree = await openState({ storage })
    await tree.set('claims/seat', 'Ann')
    expect((await tree.set('claims/seat', 'Bob')).kind).toBe('kept')
  },

  async clock(make) {
    await using storage = await make({ path: newPath(), clock: { quarantine: 10 * day } })
    expect(await broughtFrom(3 * day, storage)).toMatchObject([{ kind: 'stored' }])
  },

  async logger(make) {
    const told: string[] = []
    const logger = { ...silentLogger, warn: (message: string) => void told.push(message) }
    await using storage = await make({ path: newPath(), logger })
    await broughtFrom(60_000, storage)
    expect(told).toEqual(['a change is stamped ahead of this clock'])
  },
} satisfies Record<keyof SqliteStateOptions, Test>

describe('an option of a storage of state in SQLite', () =>
  testEachOption<SqliteStateOptions, Promise<SqliteStateStorage>>(tests, {
    section: '`SqliteStateStorage.open`',
    make: (options) => SqliteStateStorage.open(options),
  }))

/** What a storage says to a write by somebody whose clock is so far ahead. */
async function broughtFrom(ahead: number, storage: SqliteStateStorage) {
  const now = () => systemRuntime.now() + ahead
  await using from = await openState({ runtime: { ...systemRuntime, now } })
  await from.set('a', 1)
  const { rows: changes } = await from.replica().feed()
  const applied = await storage.apply({ via: someOrigin as Origin, role: 'pushed', changes })
  return applied.kind === 'applied' ? applied.receipts : applied
}
