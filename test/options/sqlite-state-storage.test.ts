import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, vi } from 'vitest'
import type { Origin } from '../../src/event/index.ts'
import { silentLogger } from '../../src/ports/index.ts'
import { systemRuntime } from '../../src/runtime/index.ts'
import { firstWriteWins, openState } from '../../src/state/index.ts'
import { type SqliteStateOptions, SqliteStateStorage } from '../../src/store/sqlite/index.ts'
import { someOrigin } from '../../src/transport/fixtures/logs.ts'
import { type OptionTest, testEachOption } from './each-option.ts'

type Test = OptionTest<SqliteStateOptions, Promise<SqliteStateStorage>>

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rejoin-options-'))
  path = join(folder, 'state.db')
})
afterEach(() => rmSync(folder, { recursive: true }))
const day = 24 * 60 * 60_000

const tests = {
  async path(make) {
    await using _ = await make({ path })
    expect(existsSync(path)).toBe(true)
  },

  async node(make) {
    await using storage = await make({ path, node: 'kitchen' })
    expect((await storage.identity()).node).toBe('kitchen')
  },

  async durability(make) {
    const said = await saidToSqlite(() => make({ path, durability: 'normal' }))
    expect(said).toMatch(/PRAGMA synchronous = NORMAL/)
  },

  async cacheBytes(make) {
    const said = await saidToSqlite(() => make({ path, cacheBytes: 3 * 1024 * 1024 }))
    expect(said).toMatch(/PRAGMA cache_size = -3072\b/)
  },

  async policies(make) {
    const storage = await make({ path, policies: { 'claims/*': firstWriteWins } })
    await using tree = await openState({ storage })
    await tree.set('claims/seat', 'Ann')
    expect((await tree.set('claims/seat', 'Bob')).kind).toBe('kept')
  },

  async clock(make) {
    await using storage = await make({ path, clock: { quarantine: 10 * day } })
    expect(await broughtFrom(3 * day, storage)).toMatchObject([{ kind: 'stored' }])
  },

  async logger(make) {
    const told: string[] = []
    const logger = { ...silentLogger, warn: (message: string) => void told.push(message) }
    await using storage = await make({ path, logger })
    await broughtFrom(60_000, storage)
    expect(told).toEqual(['a change is stamped ahead of this clock'])
  },

  async runtime(make) {
    const runtime = { ...systemRuntime, randomBytes: (length: number) => new Uint8Array(length) }
    await using storage = await make({ path, runtime })
    expect((await storage.identity()).origin).toMatch(/~0{16}$/)
  },

  async signal(make) {
    const reason = new Error('enough')
    await expect(make({ path, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(existsSync(path)).toBe(false)
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

/** What a storage says to SQLite while it is opened. */
async function saidToSqlite(open: () => Promise<SqliteStateStorage>): Promise<string> {
  const exec = vi.spyOn(DatabaseSync.prototype, 'exec')
  try {
    await (await open()).close()
    return exec.mock.calls.join('\n')
  } finally {
    exec.mockRestore()
  }
}
