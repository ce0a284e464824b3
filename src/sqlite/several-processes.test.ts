import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { expect, it } from 'vitest'
import { runScript } from './fixtures/child-process.ts'
import { useFolder } from './fixtures/folder.ts'
import { schema } from './fixtures/schema.ts'
import { integrityCheck, SqliteFile } from './index.ts'

const folder = useFolder()
const writer = new URL('./fixtures/writer.ts', import.meta.url)

it('L1: two objects of this process and a child process write to one file, and nothing is lost', async () => {
  const path = folder('a.db')
  const files = [
    await SqliteFile.open({ ...schema, path }),
    await SqliteFile.open({ ...schema, path }),
  ]
  const child = runScript(writer, path, 'child', '60')
  await Promise.all(
    files.map(async (file, n) => {
      for (let i = 0; i < 60; i++)
        await file.write((tx) => tx.run('INSERT INTO item (text) VALUES (?)', `${n}.${i}`))
    }),
  )
  await child
  const names = ['0', '1', 'child'].flatMap((who) =>
    Array.from({ length: 60 }, (_, i) => `${who}.${i}`),
  )
  const stored = files[0]!.read((db) => db.all('SELECT text FROM item ORDER BY id'))
  expect(stored.map(({ text }) => text).sort()).toEqual(names.sort())
  for (const file of files) await file.close()
  expect(readdirSync(folder(''))).toEqual(['a.db'])
  expect(await integrityCheck(path)).toEqual([])
})

it('L1: what is written after another object and another process came and went stays', async () => {
  const path = folder('a.db')
  const file = await SqliteFile.open({ ...schema, path })
  await file.write((tx) => tx.run(`INSERT INTO item (text) VALUES ('before')`))
  await (await SqliteFile.open({ ...schema, path })).close()
  await runScript(writer, path, 'child', '1')
  expect(existsSync(`${path}-wal`)).toBe(true)
  await file.write((tx) => tx.run(`INSERT INTO item (text) VALUES ('after')`))
  await file.close()
  const db = new DatabaseSync(path)
  const rows = db.prepare('SELECT text FROM item ORDER BY id').all()
  db.close()
  expect(rows.map(({ text }) => text)).toEqual(['before', 'child.0', 'after'])
})

it("L1: recognising a file keeps this process's locks on it", async ({ skip }) => {
  skip(process.platform !== 'linux', 'only Linux tells which locks a process holds')
  const path = folder('a.db')
  await using file = await SqliteFile.open({ ...schema, path })
  await file.write((tx) => tx.run(`INSERT INTO item (text) VALUES ('a')`))
  const before = locksOn(path)
  expect(before).not.toEqual([])
  // Closing any descriptor of the file but SQLite's own would drop them all.
  await (await SqliteFile.open({ ...schema, path })).close()
  const foreign = { ...schema, applicationId: 1 }
  await expect(SqliteFile.open({ ...foreign, path })).rejects.toMatchObject({
    code: 'storage_foreign',
  })
  await file.backup(folder('copy.db'))
  await integrityCheck(path)
  expect(locksOn(path)).toEqual(before)
})

it('several processes create one file at once', async () => {
  const path = folder('a.db')
  const names = ['a', 'b', 'c', 'd']
  await Promise.all(names.map((name) => runScript(writer, path, name, '2')))
  await using file = await SqliteFile.open({ ...schema, path })
  expect(file.read((db) => db.get('SELECT count(*) AS n FROM item'))).toEqual({ n: 8 })
})

it('several processes migrate one file at once', async () => {
  const path = folder('a.db')
  const older = { ...schema, migrations: [schema.migrations[0]] }
  await (await SqliteFile.open({ ...older, path })).close()
  const names = ['a', 'b', 'c', 'd']
  await Promise.all(names.map((name) => runScript(writer, path, name, '2')))
  await using file = await SqliteFile.open({ ...schema, path })
  expect(file.read((db) => db.get('SELECT count(*) AS n FROM item'))).toEqual({ n: 8 })
  expect(file.read((db) => db.get('SELECT count(*) AS n FROM note'))).toEqual({ n: 0 })
})

it('a process of an older version stops writing once a newer one has migrated the file', async () => {
  const path = folder('a.db')
  const older = { ...schema, migrations: [schema.migrations[0]] }
  await using old = await SqliteFile.open({ ...older, path })
  await old.write((tx) => tx.run(`INSERT INTO item (text) VALUES ('a')`))
  await using _ = await SqliteFile.open({ ...schema, path })
  const late = old.write((tx) => tx.run(`INSERT INTO item (text) VALUES ('b')`))
  await expect(late).rejects.toMatchObject({ code: 'storage_newer' })
})

it('the participant is told when another connection has committed in between', async () => {
  const path = folder('a.db')
  const seen: boolean[] = []
  const participant = {
    begin: (_: unknown, outside: boolean) => void seen.push(outside),
    beforeCommit() {},
    committed() {},
    rolledBack() {},
  }
  await using file = await SqliteFile.open({ ...schema, path, participant })
  await using other = await SqliteFile.open({ ...schema, path })
  await file.write(() => {})
  await file.write((tx) => tx.run(`INSERT INTO item (text) VALUES ('a')`))
  await file.write(() => {})
  await other.write((tx) => tx.run(`INSERT INTO item (text) VALUES ('b')`))
  await file.write(() => {})
  await file.write(() => {})
  expect(seen).toEqual([true, false, false, true, false])
})

function locksOn(path: string): string[] {
  const inode = statSync(path).ino
  return readFileSync('/proc/locks', 'utf8')
    .split('\n')
    .filter((line) => line.includes(` ${process.pid} `) && line.includes(`:${inode} `))
    .map((line) => line.replace(/^\d+: /, ''))
}
