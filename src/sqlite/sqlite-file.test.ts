import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { silentLogger } from '../ports/index.ts'
import { photograph, useFolder } from './fixtures/folder.ts'
import { crash } from './fixtures/raw-file.ts'
import { schema } from './fixtures/schema.ts'
import { type Connection, SqliteFile } from './index.ts'

const folder = useFolder()

const insert = (text: string) => (tx: Connection) => {
  tx.run('INSERT INTO item (text) VALUES (?)', text)
}

function texts(file: SqliteFile): unknown[] {
  return file.read((db) => db.all('SELECT text FROM item ORDER BY id')).map(({ text }) => text)
}

const readonlySwitch = (file: SqliteFile) => file.read((db) => db.get('PRAGMA query_only = 1'))

describe('a file', () => {
  it('keeps what was written, at either durability, and says where and how', async () => {
    for (const durability of ['full', 'normal'] as const) {
      const file = await SqliteFile.open({ ...schema, path: folder('a.db'), durability })
      expect(file).toMatchObject({ path: folder('a.db'), durability })
      const { synchronous } = file.read((db) => db.get('PRAGMA synchronous')) ?? {}
      expect(synchronous).toBe({ full: 2, normal: 1 }[durability])
      await file.write(insert(durability))
      await file.close()
    }
    await using file = await SqliteFile.open({ ...schema, path: folder('a.db') })
    expect(texts(file)).toEqual(['full', 'normal'])
  })

  it('is flushed at each commit and never checkpoints inside one, unless told otherwise', async () => {
    await using file = await SqliteFile.open({
      ...schema,
      path: folder('a.db'),
      cacheBytes: 1 << 20,
    })
    const pragma = (name: string) =>
      Object.values(file.read((db) => db.get(`PRAGMA ${name}`)) ?? {})
    expect(pragma('synchronous')).toEqual([2])
    expect(pragma('journal_mode')).toEqual(['wal'])
    expect(pragma('wal_autocheckpoint')).toEqual([0])
    expect(pragma('cache_size')).toEqual([-1024])
    expect(pragma('busy_timeout')).toEqual([0])
    expect(pragma('foreign_keys')).toEqual([1])
  })

  it('can live in memory', async () => {
    await using file = await SqliteFile.open({ ...schema, path: ':memory:' })
    const commits = file.commits(new AbortController().signal)[Symbol.asyncIterator]()
    await Promise.all([file.write(insert('a')), file.write(insert('b'))])
    expect(texts(file)).toEqual(['a', 'b'])
    expect(await commits.next()).toMatchObject({ done: false })
  })

  it('is the same by another name', async () => {
    await (await SqliteFile.open({ ...schema, path: folder('a.db') })).close()
    symlinkSync(folder('a.db'), folder('link.db'))
    await using file = await SqliteFile.open({ ...schema, path: folder('link.db') })
    expect(file.path).toBe(folder('a.db'))
  })

  it('needs a folder', async () => {
    const path = folder('no/such/a.db')
    await expect(SqliteFile.open({ ...schema, path })).rejects.toMatchObject({
      code: 'storage_io',
      message: expect.stringContaining('folder does not exist'),
    })
  })

  it('is a file', async () => {
    await expect(SqliteFile.open({ ...schema, path: '/dev/null' })).rejects.toMatchObject({
      code: 'storage_foreign',
    })
    writeFileSync(folder('a'), '')
    const inside = SqliteFile.open({ ...schema, path: folder('a/b.db') })
    await expect(inside).rejects.toMatchObject({ code: 'storage_io' })
  })
})

describe('a read', () => {
  it('sees one snapshot, also of what others write meanwhile', async () => {
    const path = folder('a.db')
    await using file = await SqliteFile.open({ ...schema, path })
    const seen = file.read((db) => {
      const before = db.get('SELECT count(*) AS n FROM item')
      crash(folder('b.db'), 'CREATE TABLE t (a)')
      return [before, db.get('SELECT count(*) AS n FROM item')]
    })
    expect(seen).toEqual([{ n: 0 }, { n: 0 }])
  })

  it('inside a write sees what that has written', async () => {
    await using file = await SqliteFile.open({ ...schema, path: folder('a.db') })
    const seen = await file.write((tx) => {
      insert('a')(tx)
      return texts(file)
    })
    expect(seen).toEqual(['a'])
  })

  it('throws what the callback throws, and names errors of SQLite', async () => {
    await using file = await SqliteFile.open({ ...schema, path: folder('a.db') })
    const mine = new Error('mine')
    const failing = () =>
      file.read(() => {
        throw mine
      })
    expect(failing).toThrow(mine)
    expect(() => file.read((db) => db.get('nonsense'))).toThrow(
      expect.objectContaining({ code: 'internal', operation: 'read' }),
    )
    expect(texts(file)).toEqual([])
  })
})

describe('a callback', () => {
  it('that is async does not compile', async () => {
    await using file = await SqliteFile.open({ ...schema, path: ':memory:' })
    // @ts-expect-error a transaction is synchronous
    await file.write(async () => 1)
    // @ts-expect-error a transaction is synchronous
    await file.read(() => Promise.resolve(1))
    const one: number = await file.write(() => 1)
    const two: number | undefined = file.read((db) => (db.get('SELECT 2') ? 2 : undefined))
    await file.write(() => {})
    expect([one, two]).toEqual([1, 2])
  })
})

describe('a file opened for reading only', () => {
  it('reads, refuses to write, and leaves no trace', async () => {
    const path = folder('a.db')
    await (await SqliteFile.open({ ...schema, path })).close()
    const before = photograph(folder(''))
    const file = await SqliteFile.open({ ...schema, path, readonly: true })
    expect(texts(file)).toEqual([])
    await expect(file.write(insert('a'))).rejects.toMatchObject({ code: 'storage_readonly' })
    for await (const _ of file.commits(AbortSignal.abort())) expect.unreachable()
    await file.close()
    expect(photograph(folder(''))).toEqual(before)
  })

  it('reads what a crash has left in the WAL, and leaves it there', async () => {
    const path = folder('a.db')
    await (await SqliteFile.open({ ...schema, path })).close()
    crash(path, `PRAGMA wal_autocheckpoint = 0; INSERT INTO item (text) VALUES ('a')`)
    const before = photograph(folder(''))
    const warnings: string[] = []
    const logger = { ...silentLogger, warn: (text: string) => warnings.push(text) }
    const file = await SqliteFile.open({ ...schema, path, readonly: true, logger })
    expect(texts(file)).toEqual(['a'])
    await file.close()
    expect(warnings).toEqual([])
    const after = photograph(folder(''))
    expect(after.filter(({ name }) => name !== 'a.db-shm')).toEqual(before)
  })

  it('sees what those write who have it open', async () => {
    const path = folder('a.db')
    await using writer = await SqliteFile.open({ ...schema, path })
    await using reader = await SqliteFile.open({ ...schema, path, readonly: true })
    await writer.write(insert('a'))
    expect(texts(reader)).toEqual(['a'])
  })

  it('has to exist, at the version of today', async () => {
    const path = folder('a.db')
    await expect(SqliteFile.open({ ...schema, path, readonly: true })).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining('there is no test file to read'),
    })
    const migrations = [schema.migrations[0]]
    await (await SqliteFile.open({ ...schema, migrations, path })).close()
    await expect(SqliteFile.open({ ...schema, path, readonly: true })).rejects.toMatchObject({
      code: 'storage_readonly',
      message: expect.stringContaining('older version'),
    })
  })
})

describe('a file that changes under us', () => {
  it('that became writable again is opened anew, once for each attempt', async () => {
    const file = await SqliteFile.open({ ...schema, path: folder('a.db') })
    readonlySwitch(file)
    await Promise.all([file.write(insert('a')), file.write(insert('b'))])
    readonlySwitch(file)
    await file.write(insert('c'))
    expect(texts(file)).toEqual(['a', 'b', 'c'])
    await file.close()
  })

  it('that can not be opened anew is left as it is, and reads go on', async () => {
    const warnings: unknown[] = []
    const logger = { ...silentLogger, warn: (message: string) => void warnings.push(message) }
    const file = await SqliteFile.open({ ...schema, path: folder('a.db'), logger })
    await file.write(insert('a'))
    readonlySwitch(file)
    renameSync(folder('a.db'), folder('b.db'))
    const write = file.write(insert('b'))
    await expect(write).rejects.toMatchObject({ code: 'storage_readonly' })
    expect(warnings).toEqual(['the file could not be opened again for writing'])
    expect(texts(file)).toEqual(['a'])
    await file.close()
  })

  it('L1: that was moved or replaced gets no more writes', async () => {
    const file = await SqliteFile.open({ ...schema, path: folder('a.db') })
    await file.write(insert('a'))
    renameSync(folder('a.db'), folder('b.db'))
    const moved = { code: 'storage_io', message: expect.stringContaining('moved, replaced') }
    await expect(file.write(insert('lost'))).rejects.toMatchObject(moved)
    writeFileSync(folder('a.db'), 'somebody else')
    await expect(file.write(insert('lost'))).rejects.toMatchObject(moved)
    renameSync(folder('b.db'), folder('a.db'))
    await file.write(insert('b'))
    expect(texts(file)).toEqual(['a', 'b'])
    await file.close()
  })

  it('L1: whose WAL was removed gets no more writes, and closing saves what it held', async () => {
    const file = await SqliteFile.open({ ...schema, path: folder('a.db') })
    await file.write(insert('a'))
    rmSync(folder('a.db-wal'))
    await expect(file.write(insert('lost'))).rejects.toMatchObject({ code: 'storage_io' })
    await file.close()
    await using again = await SqliteFile.open({ ...schema, path: folder('a.db') })
    expect(texts(again)).toEqual(['a'])
  })
})
