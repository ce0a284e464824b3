import { existsSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Runtime, systemRuntime } from '../../runtime/index.ts'
import { restoreStore, SqliteStore } from './index.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rejoin-opening-'))
  path = join(folder, 'log.db')
})
afterEach(() => rmSync(folder, { recursive: true }))

const reason = new Error('changed my mind')

describe('opening a log is given up', () => {
  it('before anything is made, when its signal has aborted', async () => {
    const opening = SqliteStore.open({ path, signal: AbortSignal.abort(reason) })
    await expect(opening).rejects.toBe(reason)
    expect(readdirSync(folder)).toEqual([])
  })

  it('while another connection holds the file', async () => {
    const other = new DatabaseSync(path)
    other.exec('BEGIN EXCLUSIVE')
    const controller = new AbortController()
    const sleep: Runtime['sleep'] = (ms, signal) => {
      controller.abort(reason)
      return systemRuntime.sleep(ms, signal)
    }
    const { signal } = controller
    const opening = SqliteStore.open({ path, signal, runtime: { ...systemRuntime, sleep } })
    await expect(opening).rejects.toBe(reason)
    other.close()
    expect(openFiles()).toEqual([])
  })

  it('before a new log is given its identity; the next opening gives it', async () => {
    const controller = new AbortController()
    const soon: Runtime['soon'] = (callback) => {
      controller.abort(reason)
      systemRuntime.soon(callback)
    }
    const { signal } = controller
    const opening = SqliteStore.open({ path, signal, runtime: { ...systemRuntime, soon } })
    await expect(opening).rejects.toBe(reason)
    expect(openFiles()).toEqual([])
    await using store = await SqliteStore.open({ path, node: 'later' })
    expect((await store.identity()).node).toBe('later')
  })

  it('by no signal that aborts once it is open', async () => {
    const controller = new AbortController()
    await using store = await SqliteStore.open({ path, signal: controller.signal })
    controller.abort(reason)
    await store.append([{ type: 'noted', aggregateId: 'a' }])
  })
})

describe('restoring is given up', () => {
  it.each(['before it begins', 'under way'])('%s, and leaves nothing', async (when) => {
    await (await SqliteStore.open({ path })).close()
    const to = join(folder, 'restored.db')
    const controller = new AbortController()
    if (when === 'before it begins') controller.abort(reason)
    const restoring = restoreStore(path, to, { signal: controller.signal })
    setImmediate(() => controller.abort(reason))
    await expect(restoring).rejects.toBe(reason)
    expect(existsSync(to)).toBe(false)
    expect(readdirSync(folder)).toEqual(['log.db'])
  })
})

/** What of the folder this process has open, where the system tells. */
function openFiles(): readonly string[] {
  const list = '/proc/self/fd'
  if (!existsSync(list)) return []
  return readdirSync(list).flatMap((number) => {
    try {
      const target = readlinkSync(join(list, number))
      return target.startsWith(folder) ? [target] : []
    } catch {
      return []
    }
  })
}
