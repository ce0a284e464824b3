import { DatabaseSync } from 'node:sqlite'
import { describe, expect } from 'vitest'
import { silentLogger } from '../../src/ports/index.ts'
import { systemRuntime } from '../../src/runtime/index.ts'
import { MemoryStore } from '../../src/store/memory/index.ts'
import { SqliteStore, type SqliteStoreOptions } from '../../src/store/sqlite/index.ts'
import { pushOf } from '../../src/transport/fixtures/logs.ts'
import { type OptionTest, testEachOption } from './each-option.ts'
import { fileTests, newPath } from './sqlite-files.ts'

type Test = OptionTest<SqliteStoreOptions, Promise<SqliteStore>>

const tests = {
  ...fileTests,

  async readers(make) {
    await using store = await make({ path: newPath(), readers: 1 })
    await store.append([note('1')])
    let turns = 0
    setImmediate(() => turns++)
    // Without a thread there is nothing to wait for.
    expect((await store.entries()).entries).toHaveLength(1)
    expect(turns).toBe(1)
  },

  async tableName(make) {
    const path = newPath()
    const store = await make({ path, tableName: 'facts' })
    await store.append([note('1')])
    await store.close()
    using db = new DatabaseSync(path, { readOnly: true })
    expect(db.prepare('SELECT count(*) AS count FROM facts').get()).toEqual({ count: 1 })
  },

  async readonly(make) {
    const path = newPath()
    await (await SqliteStore.open({ path })).close()
    await using store = await make({ path, readonly: true })
    await expect(store.append([note('1')])).rejects.toMatchObject({ code: 'storage_readonly' })
  },

  async limits(make) {
    await using store = await make({ path: newPath(), limits: { eventBytes: 100 } })
    const large = { ...note('1'), data: 'x'.repeat(200) }
    await expect(store.append([large])).rejects.toMatchObject({ code: 'invalid_event' })
  },

  async clock(make) {
    const day = 24 * 60 * 60_000
    const now = () => systemRuntime.now() + 3 * day
    const ahead = await MemoryStore.open({ runtime: { ...systemRuntime, now } })
    await ahead.append([note('1')])
    await using store = await make({ path: newPath(), clock: { quarantine: 10 * day } })
    const { origin, changes } = await pushOf(ahead)
    const applied = await store.apply({ via: origin, role: 'pushed', changes })
    expect(applied).toMatchObject({ receipts: [{ kind: 'stored' }] })
  },

  async logger(make) {
    const told: string[] = []
    const logger = { ...silentLogger, warn: (message: string) => void told.push(message) }
    await using store = await make({ path: newPath(), logger })
    await store.renewOrigin((await store.identity()).origin)
    expect(told.join()).toMatch(/a copy or an older backup/)
  },
} satisfies Record<keyof SqliteStoreOptions, Test>

describe('an option of a log in SQLite', () =>
  testEachOption<SqliteStoreOptions, Promise<SqliteStore>>(tests, {
    section: '`SqliteStore.open`',
    make: (options) => SqliteStore.open(options),
  }))

const note = (id: string) => ({ id, type: 'noted', aggregateId: 'a' })
