import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type EventId, erasedOf, type Origin } from '../../event/index.ts'
import { seededRandom } from '../../testing/index.ts'
import { MemoryStore } from '../memory/index.ts'
import { SqliteStore, verifyStore } from './index.ts'

const there = 'there~0123456789abcdef' as Origin
let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rejoin-erasing-'))
  path = join(folder, 'log.db')
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('what was erased', () => {
  it('is in no byte of the file, its WAL and later backups, whatever its size', async () => {
    await using store = await SqliteStore.open({ path })
    const random = seededRandom('erasing')
    const kept = new Set<string>()
    const gone = new Set<string>()
    for (let round = 0; round < 6; round++) {
      const ids = Array.from({ length: 60 }, (_, at) => `${round}-${at}`)
      await store.append(ids.map((id) => event(id, random.pick([1, 40, 900, 5_000, 60_000]))))
      for (const id of ids) kept.add(id)
      const erased = [...kept].filter(() => random.chance(0.4))
      for (const id of erased) {
        kept.delete(id)
        gone.add(id)
      }
      expect(foundIn(folder, erased)).toEqual(erased)
      expect((await store.erase(erased as EventId[])).erased).toBe(erased.length)
      expect(foundIn(folder, [...gone])).toEqual([])
    }
    await store.backup(join(folder, 'backup.db'))
    expect(foundIn(folder, [...gone])).toEqual([])
    expect(foundIn(folder, [...kept]).length).toBe(kept.size)
    expect((await verifyStore(path)).problems).toEqual([])
    expect((await verifyStore(join(folder, 'backup.db'))).problems).toEqual([])
  })

  it('is so too when the erasure came over a link', async () => {
    await using store = await SqliteStore.open({ path })
    const hub = await MemoryStore.open({ node: 'hub' })
    await hub.append([event('one', 900), event('two', 900)])
    const { entries } = await hub.entries({})
    const changes = entries.map((entry) => entry.event)
    await store.apply({ via: there, role: 'pulled', changes })
    expect(foundIn(folder, ['one', 'two'])).toEqual(['one', 'two'])
    await store.apply({ via: there, role: 'pulled', changes: changes.slice(0, 1).map(erasedOf) })
    // The WAL is emptied behind the commit; asking to erase it again waits for that.
    await store.erase(['one' as EventId])
    expect(foundIn(folder, ['one', 'two'])).toEqual(['two'])
  })

  it('is so too where its header waited for a parent', async () => {
    await using store = await SqliteStore.open({ path })
    const hub = await MemoryStore.open({ node: 'hub' })
    await hub.append([event('one', 900)])
    await hub.append([event('two', 900)])
    const { entries } = await hub.entries({})
    const changes = entries.slice(1).map((entry) => entry.event)
    await store.apply({ via: there, role: 'pulled', changes, orphans: 'adopt' })
    expect(foundIn(folder, ['two'])).toEqual(['two'])
    await store.erase(['two' as EventId])
    expect(foundIn(folder, ['two'])).toEqual([])
  })

  it('goes from the bytes as soon as the reader that needs them has gone', async () => {
    await using store = await SqliteStore.open({ path })
    await store.append([event('one', 900)])
    const reader = new DatabaseSync(path)
    reader.exec('BEGIN; SELECT * FROM events')
    const erased = store.erase(['one' as EventId])
    const seen = await Promise.race([erased, store.status()])
    expect(seen).toMatchObject({ events: 1n })
    reader.exec('COMMIT')
    reader.close()
    expect(await erased).toEqual({ erased: 1, unknown: [] })
    expect(foundIn(folder, ['one'])).toEqual([])
  })

  it('stays in a backup that was made before, and dies again when that is synced', async () => {
    const backup = join(folder, 'backup.db')
    {
      await using store = await SqliteStore.open({ path })
      await store.append([event('one', 900)])
      await store.backup(backup)
      await store.erase(['one' as EventId])
      expect(foundIn(folder, ['one'])).toEqual(['one'])
      await using old = await SqliteStore.open({ path: backup })
      const { entries } = await store.entries({})
      await old.apply({ via: there, role: 'pulled', changes: entries.map((one) => one.event) })
      await old.erase(['one' as EventId])
    }
    expect(foundIn(folder, ['one'])).toEqual([])
  })
})

it('verify finds erased rows that have content', async () => {
  {
    await using store = await SqliteStore.open({ path })
    await store.append([event('one', 1), event('two', 1)])
    await store.erase(['one' as EventId])
  }
  const db = new DatabaseSync(path)
  db.exec(`UPDATE events SET data = '"back"' WHERE id = 'one'`)
  db.close()
  const { problems } = await verifyStore(path)
  expect(problems).toEqual([{ where: 'one', what: 'is erased, and has content' }])
})

function event(id: string, length: number) {
  const secret = `secret of ${id};`
  const data = { secret: `${secret}${'x'.repeat(length)}${secret}` }
  return { id, type: 'Noted', aggregateId: 'a', data, metadata: { also: secret } }
}

/** Whose secrets stand in any file of a folder. */
function foundIn(place: string, ids: readonly string[]): readonly string[] {
  const files = readdirSync(place)
    .map((name) => join(place, name))
    .filter((file) => !file.endsWith('-shm') && existsSync(file))
    .map((file) => readFileSync(file))
  return ids.filter((id) => files.some((bytes) => bytes.includes(`secret of ${id};`)))
}
