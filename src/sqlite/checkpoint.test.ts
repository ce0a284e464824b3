import { readdirSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { type Logger, silentLogger } from '../ports/index.ts'
import { systemRuntime } from '../runtime/index.ts'
import { Checkpointer } from './checkpoint.ts'
import type { Database } from './database.ts'
import { useFolder } from './fixtures/folder.ts'
import { schema } from './fixtures/schema.ts'
import { type Connection, SqliteFile } from './index.ts'

const folder = useFolder()
const mebibyte = 1024 * 1024

const open = (logger: Logger = silentLogger) =>
  SqliteFile.open({ ...schema, path: folder('a.db'), durability: 'normal', logger })

/** About as many pages as asked for. */
const fill = (tx: Connection, pages: number, salt: string) => {
  const insert = tx.prepare('INSERT INTO note (item, text) VALUES (1, ?)')
  for (let i = 0; i < pages; i++) insert.run(`${salt} ${i} ${'x'.repeat(3_900)}`)
}

async function load(file: SqliteFile, pages: number): Promise<void> {
  await file.write((tx) => tx.run(`INSERT OR IGNORE INTO item VALUES (1, 'one')`))
  for (let done = 0; done < pages; done += 500) await file.write((tx) => fill(tx, 500, `${done}`))
}

const walSize = () => statSync(folder('a.db-wal')).size

it('S5: under constant load the WAL stays small', async () => {
  const file = await open()
  await load(file, 15_000)
  expect(walSize()).toBeLessThan(24 * mebibyte)
  expect(statSync(folder('a.db')).size).toBeGreaterThan(32 * mebibyte)
  await file.close()
})

it('S5: once a slow reader is gone, a WAL that grew is emptied', async () => {
  const file = await open()
  await load(file, 500)
  const reader = new DatabaseSync(folder('a.db'))
  reader.exec('BEGIN; SELECT * FROM item')
  await load(file, 18_000)
  expect(walSize()).toBeGreaterThan(64 * mebibyte)
  reader.exec('COMMIT')
  reader.close()
  await load(file, 1_500)
  expect(walSize()).toBeLessThan(24 * mebibyte)
  await file.close()
})

it('closing leaves the main file alone, with all that was written', async () => {
  const file = await open()
  await load(file, 500)
  await file.close()
  await file.close()
  expect(readdirSync(folder(''))).toEqual(['a.db'])
  const db = new DatabaseSync(folder('a.db'))
  expect(db.prepare('SELECT count(*) AS n FROM note').get()).toEqual({ n: 500 })
  db.close()
})

it('no statement is left open: while the file is in use, its WAL can be emptied', async () => {
  const file = await open()
  await load(file, 500)
  await file.write((tx) => {
    tx.get('SELECT * FROM note')
    tx.prepare('SELECT * FROM note').get()
    tx.allBig('SELECT * FROM item')
  })
  file.read((db) => db.get('SELECT * FROM note'))
  expect(() => file.read(() => fail())).toThrow('on purpose')
  const other = new DatabaseSync(folder('a.db'))
  expect(other.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get()).toMatchObject({ busy: 0 })
  other.close()
  await file.close()
})

it('closing waits for the writes called before it, and later calls are refused', async () => {
  const file = await open()
  const writes = ['a', 'b'].map((text) =>
    file.write((tx) => tx.run('INSERT INTO item (text) VALUES (?)', text)),
  )
  const closing = file.close()
  const closed = { code: 'closed', component: 'sqlite' }
  await expect(file.write(() => {})).rejects.toMatchObject({ ...closed, operation: 'write' })
  await expect(file.backup(folder('b.db'))).rejects.toMatchObject(closed)
  expect(() => file.read(() => {})).toThrow(expect.objectContaining(closed))
  await closing
  await Promise.all(writes)
  await using again = await open()
  expect(again.read((db) => db.get('SELECT count(*) AS n FROM item'))).toEqual({ n: 2 })
})

it('closing does not wait for another process that holds the file', async () => {
  const file = await open()
  await file.write((tx) => tx.run(`INSERT INTO item (text) VALUES ('a')`))
  const other = new DatabaseSync(folder('a.db'))
  other.exec('BEGIN IMMEDIATE')
  await file.close()
  other.exec('COMMIT')
  expect(other.prepare('SELECT text FROM item').all()).toEqual([{ text: 'a' }])
  other.close()
})

it('a checkpoint that fails is logged, harms nobody, and is tried again later', async () => {
  const warnings: string[] = []
  const logger = { ...silentLogger, warn: (message: string) => void warnings.push(message) }
  let pages = 4_000
  const broken = {
    path: 'a.db',
    walPages: () => pages,
    checkpoint: () => fail(),
  } as unknown as Database
  const soon = (callback: () => void) => callback()
  const checkpointer = new Checkpointer({ ...systemRuntime, soon }, logger, () => broken)
  checkpointer.committed()
  checkpointer.committed()
  expect(warnings).toEqual(['a checkpoint failed'])
  pages = 5_000
  checkpointer.committed()
  checkpointer.close()
  expect(warnings).toHaveLength(3)
})

function fail(): never {
  throw new Error('on purpose')
}
