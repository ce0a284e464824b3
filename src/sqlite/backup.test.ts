import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { systemRuntime } from '../runtime/index.ts'
import { photograph, useFolder } from './fixtures/folder.ts'
import { crash, patch, sql } from './fixtures/raw-file.ts'
import { schema } from './fixtures/schema.ts'
import { type Connection, integrityCheck, SqliteFile } from './index.ts'

const folder = useFolder()

const insert = (text: string) => (tx: Connection) => {
  tx.run('INSERT INTO item (text) VALUES (?)', text)
}

const count = (file: SqliteFile) => file.read((db) => db.get('SELECT count(*) AS n FROM item'))?.n

async function open(name = 'a.db', rows = 0): Promise<SqliteFile> {
  const file = await SqliteFile.open({ ...schema, path: folder(name) })
  await file.write((tx) => {
    for (let i = 0; i < rows; i++) insert(`${i} ${'x'.repeat(1_000)}`)(tx)
  })
  return file
}

describe('backup', () => {
  it('copies what is committed while writes go on, and the copy opens as ours', async () => {
    await using file = await open('a.db', 500)
    const backup = file.backup(folder('copy.db'))
    let isDone = false
    void backup.then(() => {
      isDone = true
    })
    let writes = 0
    for (; !isDone; writes++) await file.write(insert(`later ${writes}`))
    await backup
    expect(writes).toBeGreaterThan(0)
    expect(readFileSync(folder('copy.db')).readUInt32BE(68)).toBe(schema.applicationId)
    await using copy = await SqliteFile.open({ ...schema, path: folder('copy.db') })
    expect(count(copy)).toBeGreaterThanOrEqual(500)
    expect(count(copy)).toBeLessThanOrEqual(count(file) as number)
    expect(await integrityCheck(folder('copy.db'))).toEqual([])
  })

  it('refuses an existing target and leaves it as it is', async () => {
    await using file = await open()
    writeFileSync(folder('copy.db'), 'precious')
    await expect(file.backup(folder('copy.db'))).rejects.toMatchObject({
      code: 'invalid_argument',
      operation: 'backup',
    })
    expect(readFileSync(folder('copy.db'), 'utf8')).toBe('precious')
  })

  it('does not overwrite a target that appears meanwhile', async () => {
    await using file = await open()
    const backup = file.backup(folder('copy.db'))
    writeFileSync(folder('copy.db'), 'precious')
    await expect(backup).rejects.toMatchObject({ code: 'invalid_argument' })
    expect(readFileSync(folder('copy.db'), 'utf8')).toBe('precious')
    expect(readdirSync(folder('')).filter((name) => name.includes('partial'))).toEqual([])
  })

  it('stops at an abort and leaves nothing behind', async () => {
    await using file = await open('a.db', 2_000)
    const controller = new AbortController()
    const backup = file.backup(folder('copy.db'), { signal: controller.signal })
    setTimeout(() => controller.abort(new Error('enough')), 20)
    await expect(backup).rejects.toThrow('enough')
    expect(readdirSync(folder('')).filter((name) => name.includes('copy'))).toEqual([])
    await expect(
      file.backup(folder('copy.db'), { signal: AbortSignal.abort(new Error('never')) }),
    ).rejects.toThrow('never')
  })

  it('tells how far it is', async () => {
    await using file = await open('a.db', 2_000)
    const seen: number[] = []
    const timer = (_: number, callback: () => void) => {
      const handle = setTimeout(callback, 1)
      return { cancel: () => clearTimeout(handle) }
    }
    await using watched = await SqliteFile.open({
      ...schema,
      path: file.path,
      runtime: { ...systemRuntime, timer },
    })
    const onProgress = (progress: { writtenBytes: number; totalBytes: number }) => {
      expect(progress.totalBytes).toBeGreaterThan(0)
      seen.push(progress.writtenBytes)
    }
    await watched.backup(folder('copy.db'), { onProgress })
    expect(seen).not.toEqual([])
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
  })

  it('says what is wrong with the target', async () => {
    await using file = await open()
    await expect(file.backup(folder('no/such/folder.db'))).rejects.toMatchObject({
      code: 'storage_io',
      operation: 'backup',
    })
    await using memory = await SqliteFile.open({ ...schema, path: ':memory:' })
    await expect(memory.backup(folder('copy.db'))).rejects.toMatchObject({
      code: 'invalid_argument',
    })
  })
})

describe('integrity check', () => {
  it('finds nothing in a sound file, in use or not', async () => {
    const file = await open('a.db', 100)
    expect(await integrityCheck(file.path)).toEqual([])
    await file.close()
    expect(await integrityCheck(file.path)).toEqual([])
    expect(readdirSync(folder(''))).toEqual(['a.db'])
  })

  it('reads a WAL that a crash left behind, and leaves it there', async () => {
    await (await open('a.db', 100)).close()
    crash(folder('a.db'), `PRAGMA wal_autocheckpoint = 0; INSERT INTO item (text) VALUES ('x')`)
    expect(await integrityCheck(folder('a.db'))).toEqual([])
    expect(readdirSync(folder(''))).toEqual(['a.db', 'a.db-wal'])
  })

  it('leaves a WAL that holds nothing where it is', async () => {
    await (await open()).close()
    writeFileSync(folder('a.db-wal'), 'no frame in here')
    const before = photograph(folder(''))
    expect(await integrityCheck(folder('a.db'))).toEqual([])
    expect(photograph(folder(''))).toEqual(before)
  })

  it('tells what is broken', async () => {
    await (await open('a.db', 100)).close()
    patch(folder('a.db'), 4096 * 10, '\0'.repeat(4096))
    expect(await integrityCheck(folder('a.db'))).not.toEqual([])
    writeFileSync(folder('a.db'), 'no database at all '.repeat(100))
    expect(await integrityCheck(folder('a.db'))).toEqual(['file is not a database'])
  })

  it('tells a row that refers to nothing', async () => {
    await (await open()).close()
    sql(folder('a.db'), `PRAGMA foreign_keys = OFF; INSERT INTO note VALUES (7, 'to nobody')`)
    expect(await integrityCheck(folder('a.db'))).toEqual(['a row of note refers to nothing'])
  })

  it('says when there is no file, and stops at an abort', async () => {
    await expect(integrityCheck(folder('none.db'))).rejects.toMatchObject({
      code: 'storage_io',
      operation: 'verify',
    })
    const check = integrityCheck((await open()).path, AbortSignal.timeout(1))
    await expect(check).rejects.toMatchObject({ name: 'TimeoutError' })
  })
})
