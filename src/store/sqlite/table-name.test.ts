import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EventStore } from '../../contracts/index.ts'
import { syncOnce } from '../../link/index.ts'
import { photograph } from '../../sqlite/fixtures/folder.ts'
import { memoryTransport } from '../../transport/memory/index.ts'
import { MemoryStore } from '../memory/index.ts'
import { restoreStore, SqliteStore, verifyStore } from './index.ts'
import { nameProblem } from './schema.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rejoin-name-'))
  path = join(folder, 'log.db')
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('a log whose events are in a table of another name', () => {
  it.each(['shop_events', 'select', 'Order', '_', 'x'.repeat(63), 'origin', 'position'])(
    'S1: %s: appends, syncs, is sound, and is found again without its name',
    async (tableName) => {
      {
        await using store = await SqliteStore.open({ path, tableName })
        await fill(store)
        expect(tablesIn(path)).toContain(tableName)
        expect(tablesIn(path)).not.toContain('events')
      }
      await using store = await SqliteStore.open({ path })
      await fill(store)
      expect(await idsIn(store)).toHaveLength(14)
      expect((await verifyStore(path)).problems).toEqual([])
    },
  )

  it('is backed up and restored under its name', async () => {
    const [copy, restored] = [join(folder, 'copy.db'), join(folder, 'restored.db')]
    await using store = await SqliteStore.open({ path, tableName: 'shop' })
    await fill(store)
    await store.backup(copy)
    await restoreStore(copy, restored)
    await using again = await SqliteStore.open({ path: restored, tableName: 'shop' })
    expect(await idsIn(again)).toEqual(await idsIn(store))
  })

  it('L3: is shared with others, with readers, and read by those who only read', async () => {
    await using one = await SqliteStore.open({ path, tableName: 'shop' })
    await fill(one)
    await using two = await SqliteStore.open({ path, readers: 1 })
    await fill(two)
    await using reader = await SqliteStore.open({ path, readonly: true, tableName: 'shop' })
    const ids = await idsIn(one)
    expect(ids).toHaveLength(14)
    for (const store of [two, reader]) expect(await idsIn(store)).toEqual(ids)
  })

  it('is migrated from an older version as any other', async () => {
    cpSync(
      fileURLToPath(new URL('../../../test/schema/fixtures/schema-1.db', import.meta.url)),
      path,
    )
    await (await SqliteStore.open({ path: copyOf(path) })).close()
    const db = new DatabaseSync(path)
    db.exec('ALTER TABLE events RENAME TO "select"')
    db.close()
    await using store = await SqliteStore.open({ path, tableName: 'select' })
    await using plain = await SqliteStore.open({ path: copyOf(path) })
    expect(await idsIn(store)).toEqual(await idsIn(plain))
    expect(
      tablesIn(path)
        .map((name) => (name === 'select' ? 'events' : name))
        .sort(),
    ).toEqual(tablesIn(copyOf(path)).sort())
    expect((await verifyStore(path)).problems).toEqual([])
  })

  it('is damaged when that table is gone', async () => {
    await (await SqliteStore.open({ path, tableName: 'shop' })).close()
    const db = new DatabaseSync(path)
    db.exec('DROP TABLE shop')
    db.close()
    await expect(SqliteStore.open({ path })).rejects.toMatchObject({ code: 'storage_damaged' })
  })
})

describe('a name that is not the file’s', () => {
  it.each([
    ['shop', 'Shop'],
    ['shop', 'events'],
    [undefined, 'shop'],
  ])('is refused, and the file stays as it is: %s, opened as %s', async (made, tableName) => {
    const store = await SqliteStore.open({ path, ...(made && { tableName: made }) })
    await store.append([{ type: 'Noted', aggregateId: 'a' }])
    await store.close()
    const before = photograph(folder)
    for (const readonly of [false, true]) {
      const opening = SqliteStore.open({ path, tableName, readonly })
      await expect(opening).rejects.toMatchObject({ code: 'invalid_argument', retryable: false })
      await expect(opening).rejects.toThrow(`called "${made ?? 'events'}", not "${tableName}"`)
    }
    expect(photograph(folder)).toEqual(before)
  })

  it('is refused by an older file before it is migrated', async () => {
    cpSync(
      fileURLToPath(new URL('../../../test/schema/fixtures/schema-1.db', import.meta.url)),
      path,
    )
    const before = photograph(folder)
    const opening = SqliteStore.open({ path, tableName: 'shop' })
    await expect(opening).rejects.toThrow('called "events", not "shop"')
    expect(photograph(folder)).toEqual(before)
  })

  it('is refused when two make the file at once, to all but those who agree', async () => {
    const names = ['one', 'two', 'one', 'two']
    const openings = await Promise.allSettled(
      names.map((tableName) => SqliteStore.open({ path, tableName })),
    )
    const [made] = tablesIn(path).filter((name) => names.includes(name))
    openings.forEach((opening, at) => {
      if (names[at] === made) expect(opening.status).toBe('fulfilled')
      else expect(opening).toMatchObject({ reason: { code: 'invalid_argument' } })
    })
    for (const opening of openings) if (opening.status === 'fulfilled') await opening.value.close()
  })

  it.each([
    '',
    '1st',
    'a-b',
    'a b',
    'a"b',
    'é',
    'x'.repeat(64),
    'LOG',
    'events_id',
    'sqlite_x',
    'Rejoin_y',
  ])('is refused before anything is made when it can’t be one: %j', async (tableName) => {
    const opening = SqliteStore.open({ path, tableName })
    await expect(opening).rejects.toMatchObject({ code: 'invalid_argument' })
    await expect(opening).rejects.toThrow(/^tableName must be a /)
    expect(photograph(folder)).toEqual([])
  })

  it('can’t be that of anything else in the file', async () => {
    await (await SqliteStore.open({ path })).close()
    const others = objectsIn(path).filter((name) => name !== 'events')
    expect(others.length).toBeGreaterThan(10)
    for (const name of others) expect(nameProblem(name), name).toBeDefined()
    expect(nameProblem('events')).toBeUndefined()
  })
})

/** Seven events, one of them concurrent and pulled from a hub, which gets the others. */
async function fill(store: EventStore): Promise<void> {
  const hub = await MemoryStore.open()
  await hub.append([{ type: 'Noted', aggregateId: 'a', data: 'there' }])
  for (let n = 0; n < 6; n++)
    await store.append([{ type: 'Noted', aggregateId: n % 2 === 0 ? 'a' : `b${n}`, data: { n } }])
  const { errors } = await syncOnce({ replica: store, transport: memoryTransport(hub) })
  expect(errors).toEqual([])
  expect((await hub.status()).events).toBe((await store.status()).events)
  expect(await store.heads('a')).not.toEqual([])
}

async function idsIn(store: EventStore): Promise<readonly string[]> {
  return (await store.entries()).entries.map(({ event }) => event.id)
}

function tablesIn(path: string): string[] {
  return objectsIn(path, "WHERE type = 'table'")
}

function objectsIn(path: string, where = ''): string[] {
  const db = new DatabaseSync(path, { readOnly: true })
  const rows = db.prepare(`SELECT name FROM sqlite_schema ${where}`).all()
  db.close()
  return rows.map((row) => row.name as string)
}

/** Made from it at the first call. */
function copyOf(path: string): string {
  const copy = join(folder, 'plain.db')
  cpSync(path, copy, { force: false })
  return copy
}
