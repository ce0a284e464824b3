import { writeFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { runInChild } from './child.ts'
import { useFolder } from './fixtures/folder.ts'
import { crash, patch, sql } from './fixtures/raw-file.ts'
import { schema } from './fixtures/schema.ts'
import { SqliteFile } from './index.ts'
import { answer } from './task.ts'

// The same code runs in a child process, see backup.test.ts and recognise.test.ts.

const folder = useFolder()

async function create(): Promise<string> {
  const path = folder('a.db')
  await using file = await SqliteFile.open({ ...schema, path })
  await file.write((tx) => tx.run(`INSERT INTO item (text) VALUES ('a')`))
  return path
}

describe('a task', () => {
  it('checks a file', async () => {
    const path = await create()
    expect(answer({ kind: 'check', path })).toEqual({ result: [] })
    sql(path, `PRAGMA foreign_keys = OFF; INSERT INTO note VALUES (7, 'to nobody')`)
    const result = ['a row of note refers to nothing']
    expect(answer({ kind: 'check', path })).toEqual({ result })
    writeFileSync(path, 'no database at all '.repeat(100))
    expect(answer({ kind: 'check', path })).toEqual({ result: ['file is not a database'] })
  })

  it('judges a file together with its WAL', async () => {
    const path = await create()
    crash(path, `PRAGMA wal_autocheckpoint = 0; UPDATE item SET text = 'b'`)
    patch(path, 4096, '\0'.repeat(4096))
    expect(answer({ kind: 'judge', path, schema })).toEqual({ result: 'ours' })
    patch(path, 4096 * 3, '\0'.repeat(4096))
    expect(answer({ kind: 'judge', path, schema })).toMatchObject({
      failure: { code: 'storage_damaged', message: expect.stringContaining('malformed') },
    })
  })

  it('copies a file', async () => {
    const path = await create()
    expect(answer({ kind: 'copy', path, to: folder('b.db') })).toEqual({ result: null })
    await using copy = await SqliteFile.open({ ...schema, path: folder('b.db') })
    expect(copy.read((db) => db.all('SELECT text FROM item'))).toEqual([{ text: 'a' }])
  })

  it('hands back what SQLite threw', () => {
    expect(answer({ kind: 'check', path: folder('none.db') })).toEqual({
      failure: { code: 'ERR_SQLITE_ERROR', errcode: 14, message: expect.any(String) },
    })
  })
})

describe('a child process', () => {
  const { execPath } = process
  afterEach(() => {
    process.execPath = execPath
  })

  it.each([
    ['does not start', '/no/such/program', /could not be started/],
    ['ends without an answer', '/bin/true', /no answer/],
  ])('that %s is a failure of the system', async (_, program, message) => {
    process.execPath = program
    const task = runInChild({ kind: 'check', path: folder('a.db') })
    await expect(task).rejects.toMatchObject({
      code: 'storage_io',
      message: expect.stringMatching(message),
    })
  })
})
