import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { syncOnce } from '../../link/index.ts'
import { memoryTransport } from '../../transport/memory/index.ts'
import { MemoryStore } from '../memory/index.ts'
import { restoreStore, SqliteStore, type VerifyReport, verifyStore } from './index.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rejoin-verify-'))
  path = join(folder, 'log.db')
  const store = await SqliteStore.open({ path, node: 'laptop' })
  for (let n = 0; n < 30; n++)
    await store.append([{ type: 'Noted', aggregateId: `note-${n % 3}`, data: { n } }])
  const hub = await MemoryStore.open({ node: 'hub' })
  await syncOnce({ replica: store, transport: memoryTransport(hub) })
  await store.close()
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('verify', () => {
  it('finds nothing in a sound log and tells how far it is', async () => {
    const progress: number[] = []
    const report = await verifyStore(path, { onProgress: (read) => progress.push(read) })
    expect(report).toEqual({ events: 30, problems: [] })
    expect(progress.at(-1)).toBe(30)
  })

  it.each([
    [
      'a changed payload',
      `UPDATE events SET data = '{"n":99}' WHERE position = 5`,
      'does not match',
    ],
    [
      'changed metadata',
      `UPDATE events SET metadata = '{"a":1}' WHERE position = 5`,
      'does not match',
    ],
    ['a lost event', 'DELETE FROM events WHERE position = 4', 'is not here'],
    ['a wrong count', 'UPDATE log SET events = 31', 'counts 31 events and holds 30'],
    ['wrong heads', `UPDATE aggregates SET heads = '[]' WHERE key = 1`, 'keeps 0 heads'],
    [
      'a parent of another aggregate',
      'UPDATE events SET parents = (SELECT id FROM events WHERE position = 2) WHERE position = 6',
      'belongs to another aggregate',
    ],
    [
      'a stamp below its parent',
      'UPDATE events SET stamp = 1 WHERE position = 30',
      'not stamped above',
    ],
    ['a sequence too low', 'UPDATE log SET sequence = 3', 'goes on with sequence 4'],
    ['a position too low', 'UPDATE log SET position = 12', 'last position given out'],
    [
      'a checkpoint of another history',
      `UPDATE links SET pushed = 'AAAAAAAAAAAAAAAA.7.'`,
      'push checkpoint is not in this log',
    ],
    [
      'an acknowledged cursor of another history',
      `UPDATE links SET acknowledged = 'AAAAAAAAAAAAAAAA.7.'`,
      'what its peer has confirmed to know of this log is not in it',
    ],
    ...['pulled', 'pushed', 'acknowledged', 'received'].map((name) => [
      `a cursor that can't be read: ${name}`,
      `UPDATE links SET ${name} = 'rubbish'`,
      `its cursor "${name}" can't be read`,
    ]),
    [
      'a parked event that is gone',
      `INSERT INTO parked VALUES (1, (SELECT id FROM links), 'gone', 'invalid', 'bad')`,
      'parked event gone is not here',
    ],
  ])('names %s', async (_, sql, words) => {
    damage(sql)
    expect(wordsOf(await verifyStore(path))).toContain(words)
  })

  it('names a page whose bytes have changed', async () => {
    const db = new DatabaseSync(path)
    const sql = `SELECT rootpage FROM sqlite_schema WHERE name = 'events_aggregate'`
    const page = db.prepare(sql).get()?.rootpage as number
    db.close()
    const file = openSync(path, 'r+')
    writeSync(file, Buffer.alloc(40, 0xff), 0, 40, page * 4096 - 60)
    closeSync(file)
    expect(wordsOf(await verifyStore(path))).toContain('file: ')
  })

  it('is aborted by its signal', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(verifyStore(path, { signal })).rejects.toThrow('enough')
  })

  it('refuses a file that is not there, and makes none', async () => {
    await expect(verifyStore(join(folder, 'nowhere.db'))).rejects.toThrow('nowhere.db')
  })
})

describe('backup and restore', () => {
  it('S4: a restored log is whole, keeps its identity, and refuses to replace a file', async () => {
    const backup = join(folder, 'backup.db')
    await using store = await SqliteStore.open({ path })
    await store.backup(backup)
    await expect(store.backup(backup)).rejects.toMatchObject({ code: 'invalid_argument' })
    const restored = join(folder, 'restored.db')
    await restoreStore(backup, restored)
    await expect(restoreStore(backup, restored)).rejects.toMatchObject({ code: 'invalid_argument' })
    expect(await verifyStore(restored)).toEqual({ events: 30, problems: [] })
    await using again = await SqliteStore.open({ path: restored })
    expect((await again.identity()).origin).toBe((await store.identity()).origin)
  })
})

function damage(sql: string): void {
  const db = new DatabaseSync(path)
  db.enableDefensive?.(false)
  db.exec('PRAGMA writable_schema = ON')
  db.exec(sql)
  db.close()
}

function wordsOf(report: VerifyReport): string {
  return report.problems.map(({ where, what }) => `${where}: ${what}`).join('\n')
}
