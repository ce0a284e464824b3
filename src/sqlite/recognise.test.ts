import { mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { describe, expect, it } from 'vitest'
import { photograph, useFolder } from './fixtures/folder.ts'
import { crash, patch, spill, sql } from './fixtures/raw-file.ts'
import { schema } from './fixtures/schema.ts'
import { SqliteFile } from './index.ts'

const folder = useFolder()

describe('a file that is refused', () => {
  it.each<[string, string, RegExp, (path: string) => void | Promise<void>]>([
    [
      'a text',
      'storage_foreign',
      /no SQLite file/,
      (path) => write(path, 'dear diary\n'.repeat(500)),
    ],
    ['one byte', 'storage_foreign', /no SQLite file/, (path) => write(path, 'x')],
    ['a folder', 'storage_foreign', /a folder/, (path) => mkdirSync(path)],
    [
      "another program's database",
      'storage_foreign',
      /0x00001234/,
      (path) => {
        sql(path, 'PRAGMA application_id = 4660; CREATE TABLE t (a)')
      },
    ],
    [
      "another program's empty database",
      'storage_foreign',
      /0x00001234/,
      (path) => {
        sql(path, 'PRAGMA application_id = 4660')
      },
    ],
    [
      "another program's database in WAL mode",
      'storage_foreign',
      /0x00001234/,
      (path) => {
        sql(path, 'PRAGMA application_id = 4660; PRAGMA journal_mode = WAL; CREATE TABLE t (a)')
      },
    ],
    [
      "another program's database whose WAL was left behind",
      'storage_foreign',
      /0x00001234/,
      (path) => {
        crash(path, 'PRAGMA journal_mode = WAL; PRAGMA application_id = 4660; CREATE TABLE t (a)')
      },
    ],
    [
      'a database without a mark, but with tables',
      'storage_foreign',
      /0x00000000/,
      (path) => {
        sql(path, 'CREATE TABLE t (a)')
      },
    ],
    [
      "another program's damaged database",
      'storage_foreign',
      /damaged SQLite/,
      (path) => {
        sql(path, 'PRAGMA application_id = 4660; CREATE TABLE t (a)')
        patch(path, 100, 'garbage')
      },
    ],
    [
      "another program's unfinished database",
      'storage_foreign',
      /not finished/,
      (path) => {
        crash(path, `BEGIN; CREATE TABLE t (a); ${spill('t')}`)
        patch(path, 68, '\x00\x00\x12\x34')
      },
    ],
    [
      'a file of a newer version',
      'storage_newer',
      /schema version 3.* up to 2/,
      async (path) => {
        await create(path)
        sql(path, 'PRAGMA user_version = 3; PRAGMA wal_checkpoint(TRUNCATE)')
      },
    ],
    [
      'a file whose newer version stands in the WAL only',
      'storage_newer',
      /version 3/,
      async (path) => {
        await create(path)
        crash(path, 'PRAGMA wal_autocheckpoint = 0; PRAGMA user_version = 3')
      },
    ],
    [
      'a file cut in the middle of a page',
      'storage_damaged',
      /damaged/,
      async (path) => {
        await create(path)
        truncateSync(path, 6000)
      },
    ],
    [
      'a file cut at the end of a page',
      'storage_damaged',
      /damaged/,
      async (path) => {
        await create(path)
        truncateSync(path, 8192)
      },
    ],
    [
      'a file cut inside its header',
      'storage_damaged',
      /damaged/,
      async (path) => {
        await create(path)
        truncateSync(path, 90)
      },
    ],
    [
      'a file without the SQLite mark',
      'storage_damaged',
      /damaged/,
      async (path) => {
        await create(path)
        patch(path, 0, 'SQLite formation')
      },
    ],
    [
      'a file with an impossible page size',
      'storage_damaged',
      /damaged/,
      async (path) => {
        await create(path)
        patch(path, 16, '\x07\x07')
      },
    ],
    [
      'a file with a broken schema page',
      'storage_damaged',
      /malformed/,
      async (path) => {
        await create(path)
        patch(path, 100, '\0'.repeat(300))
      },
    ],
    [
      'a file with a broken text in its schema',
      'storage_damaged',
      /malformed/,
      async (path) => {
        await create(path)
        patch(path, readFileSync(path).indexOf('CREATE TABLE note'), 'CREATE TUBLE')
      },
    ],
    [
      'a file without one of its tables',
      'storage_damaged',
      /table note is missing/,
      async (path) => {
        await create(path)
        sql(path, 'DROP TABLE note')
      },
    ],
    [
      'a file with a table of zeros',
      'storage_damaged',
      /malformed/,
      async (path) => {
        await create(path)
        patch(path, 4096, '\0'.repeat(4096))
      },
    ],
    [
      'a file cut shorter than its WAL knows',
      'storage_damaged',
      /page \d+ of \d+ is missing/,
      async (path) => {
        await create(path)
        crash(path, `PRAGMA wal_autocheckpoint = 0; ${spill('item (text)')}`)
        truncateSync(path, 8192)
      },
    ],
    [
      'a broken file with a WAL that does not help',
      'storage_damaged',
      /malformed/,
      async (path) => {
        await create(path)
        crash(path, `PRAGMA wal_autocheckpoint = 0; INSERT INTO item (text) VALUES ('x')`)
        patch(path, 4096 * 3, '\0'.repeat(4096))
      },
    ],
    [
      'nothing but a WAL',
      'storage_damaged',
      /is gone, but its -wal is not/,
      (path) => {
        write(`${path}-wal`, 'x')
      },
    ],
    [
      'an empty file beside a WAL',
      'storage_damaged',
      /is empty, but its -wal is not/,
      (path) => {
        write(path, '')
        write(`${path}-wal`, 'x')
      },
    ],
  ])('X1: %s is %s and stays as it is', async (_, code, message, prepare) => {
    const path = folder('a.db')
    await prepare(path)
    const before = photograph(folder(''))
    for (const readonly of [false, true])
      await expect(SqliteFile.open({ ...schema, path, readonly })).rejects.toMatchObject({
        code,
        operation: 'open',
        component: 'sqlite',
        retryable: false,
        message: expect.stringMatching(message),
      })
    expect(photograph(folder(''))).toEqual(before)
  })
})

describe('a file that is opened', () => {
  it.each<[string, (path: string) => void | Promise<void>]>([
    ['no file at all', () => {}],
    ['an empty file', (path) => write(path, '')],
    ['a database that nobody has put anything into', (path) => sql(path, 'VACUUM')],
    ['the same in WAL mode', (path) => sql(path, 'PRAGMA journal_mode = WAL')],
    [
      'what a crash has left of its creation',
      (path) => {
        const mark = `PRAGMA application_id = ${schema.applicationId}`
        crash(path, `BEGIN; ${mark}; ${schema.migrations.join(';')}; ${spill('item (text)')}`)
        expect(readdirSync(folder(''))).toEqual(['a.db', 'a.db-journal'])
      },
    ],
    [
      'a creation that broke off before it became a WAL file',
      (path) => {
        const mark = `PRAGMA application_id = ${schema.applicationId}`
        sql(path, `${mark}; ${schema.migrations.join(';')}; PRAGMA user_version = 2`)
      },
    ],
    [
      'an older version',
      (path) => {
        const mark = `PRAGMA application_id = ${schema.applicationId}`
        sql(path, `${mark}; ${schema.migrations[0]}; PRAGMA user_version = 1`)
      },
    ],
  ])('%s ends as a whole file in WAL mode', async (_, prepare) => {
    const path = folder('a.db')
    await prepare(path)
    await create(path)
    const db = new DatabaseSync(path)
    expect(db.prepare('SELECT text FROM item').all()).toEqual([{ text: 'first' }])
    expect(Object.values(db.prepare('PRAGMA application_id').get()!)).toEqual([
      schema.applicationId,
    ])
    expect(Object.values(db.prepare('PRAGMA user_version').get()!)).toEqual([2])
    expect(Object.values(db.prepare('PRAGMA journal_mode').get()!)).toEqual(['wal'])
    expect(Object.values(db.prepare('PRAGMA page_size').get()!)).toEqual([4096])
    expect(Object.values(db.prepare('PRAGMA integrity_check').get()!)).toEqual(['ok'])
    db.close()
  })

  it('its own WAL mends a main file that a checkpoint left half written', async () => {
    const path = folder('a.db')
    await create(path)
    crash(path, `PRAGMA wal_autocheckpoint = 0; UPDATE item SET text = 'second'`)
    patch(path, 4096, '\0'.repeat(4096))
    await using file = await SqliteFile.open({ ...schema, path })
    expect(file.read((db) => db.all('SELECT text FROM item'))).toEqual([{ text: 'second' }])
  })

  it('its main file carries mark and version from the moment it exists', async () => {
    const path = folder('a.db')
    await using _ = await SqliteFile.open({ ...schema, path })
    const header = readFileSync(path)
    expect(header.readUInt32BE(68)).toBe(schema.applicationId)
    expect(header.readUInt32BE(60)).toBe(2)
  })

  it('after a migration, its main file carries the new version', async () => {
    const path = folder('a.db')
    {
      await using _ = await SqliteFile.open({ ...schema, path, migrations: [schema.migrations[0]] })
    }
    await using _ = await SqliteFile.open({ ...schema, path })
    expect(readFileSync(path).readUInt32BE(60)).toBe(2)
  })
})

function write(path: string, text: string): void {
  writeFileSync(path, text)
}

async function create(path: string): Promise<void> {
  await using file = await SqliteFile.open({ ...schema, path })
  await file.write((tx) => tx.run(`INSERT INTO item (text) VALUES ('first')`))
}
