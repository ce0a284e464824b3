import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, vi } from 'vitest'
import { systemRuntime } from '../../src/runtime/index.ts'
import type { SqliteStore, SqliteStoreOptions } from '../../src/store/sqlite/index.ts'
import { tempFolder } from '../e2e/temp-folder.ts'
import type { OptionTest } from './each-option.ts'

/** What a file of SQLite is opened with, whatever it holds. */
export type FileOptions = Pick<
  SqliteStoreOptions,
  'path' | 'node' | 'durability' | 'cacheBytes' | 'runtime' | 'signal'
>

/** What is open then. */
export type OpenFile = Pick<SqliteStore, 'identity' | 'close' | typeof Symbol.asyncDispose>

/** A test for each of these options. */
export const fileTests = {
  async path(make) {
    const path = newPath()
    await using _ = await make({ path })
    expect(existsSync(path)).toBe(true)
  },

  async node(make) {
    await using open = await make({ path: newPath(), node: 'kitchen' })
    expect((await open.identity()).node).toBe('kitchen')
  },

  async durability(make) {
    const said = await saidToSqlite(() => make({ path: newPath(), durability: 'normal' }))
    expect(said).toMatch(/PRAGMA synchronous = NORMAL/)
  },

  async cacheBytes(make) {
    const said = await saidToSqlite(() => make({ path: newPath(), cacheBytes: 3 * 1024 * 1024 }))
    expect(said).toMatch(/PRAGMA cache_size = -3072\b/)
  },

  async runtime(make) {
    const runtime = { ...systemRuntime, randomBytes: (length: number) => new Uint8Array(length) }
    await using open = await make({ path: newPath(), runtime })
    expect((await open.identity()).origin).toMatch(/~0{16}$/)
  },

  async signal(make) {
    const path = newPath()
    const reason = new Error('enough')
    await expect(make({ path, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(existsSync(path)).toBe(false)
  },
} satisfies Record<keyof FileOptions, OptionTest<FileOptions, Promise<OpenFile>>>

/** A place for a file, which is gone when the test is done. */
export function newPath(): string {
  return join(tempFolder(), 'file.db')
}

/** What is said to SQLite while a file is opened. */
async function saidToSqlite(open: () => Promise<OpenFile>): Promise<string> {
  const exec = vi.spyOn(DatabaseSync.prototype, 'exec')
  try {
    await (await open()).close()
    return exec.mock.calls.join('\n')
  } finally {
    exec.mockRestore()
  }
}
