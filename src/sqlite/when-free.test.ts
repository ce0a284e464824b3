import { getEventListeners } from 'node:events'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Runtime, systemRuntime } from '../runtime/index.ts'
import { Database } from './database.ts'
import { useFolder } from './fixtures/folder.ts'
import { schema } from './fixtures/schema.ts'
import { SqliteFile } from './index.ts'

const folder = useFolder()

let isLocked = false
let tries = 0
beforeEach(() => {
  isLocked = false
  tries = 0
  const busy = realBusyError()
  const { begin } = Database.prototype
  // Recovery keeps readers out only for a moment that a test can't hold.
  vi.spyOn(Database.prototype, 'begin').mockImplementation(function (this: Database) {
    tries++
    if (isLocked) throw busy
    begin.call(this)
  })
})
afterEach(() => {
  vi.restoreAllMocks()
})

describe('a reading that is kept out', () => {
  it('is tried again until it is let in', async () => {
    const sleep = async () => {
      isLocked = tries < 5
    }
    await using file = await open({ ...systemRuntime, sleep })
    await file.write((tx) => tx.run(`INSERT INTO item (text) VALUES ('a')`))
    isLocked = true
    tries = 0
    expect(await file.readWhenFree((db) => db.all('SELECT text FROM item'))).toEqual([
      { text: 'a' },
    ])
    expect(tries).toBe(6)
  })

  it('is given up after 30 s', async () => {
    let clock = 0
    const sleep = async (ms: number) => {
      clock += ms
    }
    await using file = await open({ ...systemRuntime, monotonic: () => clock, sleep })
    isLocked = true
    const busy = { code: 'storage_busy', retryable: true, operation: 'read' }
    await expect(file.readWhenFree(() => 1)).rejects.toMatchObject(busy)
    expect(clock).toBeGreaterThanOrEqual(30_000)
    expect(clock).toBeLessThan(30_100)
    expect(() => file.read(() => 1)).toThrow(expect.objectContaining(busy))
  })

  it('ends when its signal aborts, and when the file is closed', async () => {
    let whenAsleep = async () => {}
    const sleep: Runtime['sleep'] = async (ms, signal) => {
      await whenAsleep()
      return systemRuntime.sleep(ms, signal)
    }
    const file = await open({ ...systemRuntime, sleep })
    isLocked = true
    const controller = new AbortController()
    whenAsleep = async () => controller.abort(new Error('enough'))
    await expect(file.readWhenFree(() => 1, controller.signal)).rejects.toThrow('enough')
    expect(getEventListeners(controller.signal, 'abort')).toEqual([])
    whenAsleep = () => file.close()
    await expect(file.readWhenFree(() => 1)).rejects.toMatchObject({ code: 'closed' })
  })

  it('rejects at once with what its work throws', async () => {
    await using file = await open(systemRuntime)
    tries = 0
    const failing = file.readWhenFree(() => {
      throw new Error('mine')
    })
    await expect(failing).rejects.toThrow('mine')
    expect(tries).toBe(1)
  })
})

function open(runtime: Runtime): Promise<SqliteFile> {
  return SqliteFile.open({ ...schema, path: folder('a.db'), runtime })
}

function realBusyError(): unknown {
  const [one, other] = [1, 2].map(() => new DatabaseSync(folder('busy.db')))
  try {
    one?.exec('BEGIN EXCLUSIVE')
    other?.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    return error
  } finally {
    one?.close()
    other?.close()
  }
  throw new Error('two connections hold one lock')
}
