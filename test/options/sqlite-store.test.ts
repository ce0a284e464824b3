import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, vi } from 'vitest'
import { silentLogger } from '../../src/ports/index.ts'
import { systemRuntime } from '../../src/runtime/index.ts'
import { MemoryStore } from '../../src/store/memory/index.ts'
import { SqliteStore, type SqliteStoreOptions } from '../../src/store/sqlite/index.ts'
import { pushOf } from '../../src/transport/fixtures/logs.ts'
import { type OptionTest, testEachOption } from './each-option.ts'

type Test = OptionTest<SqliteStoreOptions, Promise<SqliteStore>>

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rejoin-options-'))
  path = join(folder, 'log.db')
})
afterEach(() => rmSync(folder, { recursive: true }))

const tests = {
  async path(make) {
    await using _ = await make({ path })
    expect(existsSync(path)).toBe(true)
  },

  async node(make) {
    await using store = await make({ path, node: 'kitchen' })
    expect((await store.identity()).node).toBe('kitchen')
  },

  async durability(make) {
    const said = await saidToSqlite(() => make({ path, durability: 'normal' }))
    expect(said).toMatch(/PRAGMA synchronous = NORMAL/)
  },

  async cacheBytes(make) {
    const said = await saidToSqlite(() => make({ path, cacheBytes: 3 * 1024 * 1024 }))
    expect(said).toMatch(/PRAGMA cache_size = -3072\b/)
  },

  async readers(make) {
    await using store = await make({ path, readers: 1 })
    await store.append([note('1')])
    let turns = 0
    setImmediate(() => turns++)
    // Without a thread there is nothing to wait for.
    expect((await store.entries()).entries).toHaveLength(1)
    expect(turns).toBe(1)
  },

  async tableName(make) {
    const store = await make({ path, tableName: 'facts' })
    await store.append([note('1')])
    await store.close()
    using db = new DatabaseSync(path, { readOnly: true })
    expect(db.prepare('SELECT count(*) AS count FROM facts').get()).toEqual({ count: 1 })
  },

  async readonly(make) {
    await (await SqliteStore.open({ path })).close()
    await using store = await make({ path, readonly: true })
    await expect(store.append([note('1')])).rejects.toMatchObject({ code: 'storage_readonly' })
  },

  async limits(make) {
    await using store = await make({ path, limits: { eventBytes: 100 } })
    const large = { ...note('1'), data: 'x'.repeat(200) }
    await expect(store.append([large])).rejects.toMatchObject({ code: 'invalid_event' })
  },

  async clock(make) {
    const day = 24 * 60 * 60_000
    const now = () => systemRuntime.now() + 3 * day
    const ahead = await MemoryStore.open({ runtime: { ...systemRuntime, now } })
    await ahead.append([note('1')])
    await using store = await make({ path, clock: { quarantine: 10 * day } })
    const { origin, changes } = await pushOf(ahead)
    const applied = await store.apply({ via: origin, role: 'pushed', changes })
    expect(applied).toMatchObject({ receipts: [{ kind: 'stored' }] })
  },

  async logger(make) {
    const told: string[] = []
    const logger = { ...silentLogger, warn: (message: string) => void told.push(message) }
    await using store = await make({ path, logger })
    await store.renewOrigin((await store.identity()).origin)
    expect(told.join()).toMatch(/a copy or an older backup/)
  },

  async runtime(make) {
    const runtime = { ...systemRuntime, randomBytes: (length: number) => new Uint8Array(length) }
    await using store = await make({ path, runtime })
    expect((await store.identity()).origin).toMatch(/~0{16}$/)
  },

  async signal(make) {
    const reason = new Error('enough')
    await expect(make({ path, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(existsSync(path)).toBe(false)
  },
} satisfies Record<keyof SqliteStoreOptions, Test>

describe('an option of a log in SQLite', () =>
  testEachOption<SqliteStoreOptions, Promise<SqliteStore>>(tests, {
    section: '`SqliteStore.open`',
    make: (options) => SqliteStore.open(options),
  }))

const note = (id: string) => ({ id, type: 'noted', aggregateId: 'a' })

/** What a store says to SQLite while it is opened. */
async function saidToSqlite(open: () => Promise<SqliteStore>): Promise<string> {
  const exec = vi.spyOn(DatabaseSync.prototype, 'exec')
  try {
    await (await open()).close()
    return exec.mock.calls.join('\n')
  } finally {
    exec.mockRestore()
  }
}
