import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { SqliteFile } from './index.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rejoin-sqlite-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const schema = {
  applicationId: 0x52_45_4a_31,
  what: 'a test file',
  migrations: ['CREATE TABLE item (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT'],
}

it('keeps what was written', async () => {
  const path = join(folder, 'a.db')
  {
    await using file = await SqliteFile.open({ ...schema, path })
    const n = await file.write((tx) => tx.run('INSERT INTO item (text) VALUES (?)', 'x').changes)
    expect(n).toBe(1)
  }
  await using file = await SqliteFile.open({ ...schema, path })
  expect(file.read((db) => db.all('SELECT text FROM item'))).toEqual([{ text: 'x' }])
})

it('an async callback does not compile', async () => {
  await using file = await SqliteFile.open({ ...schema, path: ':memory:' })
  // @ts-expect-error a transaction is synchronous
  await file.write(async () => 1)
  // @ts-expect-error a transaction is synchronous
  file.read(() => Promise.resolve(1))
  const a: number = await file.write(() => 1)
  await file.write(() => {})
  expect(a).toBe(1)
})
