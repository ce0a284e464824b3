import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { Database } from './database.ts'
import { useFolder } from './fixtures/folder.ts'
import { sql } from './fixtures/raw-file.ts'
import { schema } from './fixtures/schema.ts'
import { SqliteFile } from './index.ts'
import { migrate } from './migrate.ts'

const folder = useFolder()

const open = () =>
  new Database({ path: folder('a.db'), durability: 'full', cacheBytes: 0, readonly: false })

it('L4: a migration that fails leaves the file as it was, and can be done again', async () => {
  const path = folder('a.db')
  const older = { ...schema, migrations: [schema.migrations[0]] }
  await (await SqliteFile.open({ ...older, path })).close()
  const before = readFileSync(path)
  const broken = { ...schema, migrations: [...schema.migrations, 'CREATE TABLE half (a); oops'] }
  await expect(SqliteFile.open({ ...broken, path })).rejects.toMatchObject({
    code: 'internal',
    operation: 'open',
  })
  expect(readFileSync(path)).toEqual(before)
  await (await SqliteFile.open({ ...schema, path })).close()
})

it('what has become of the file since it was recognised is seen under the write lock', () => {
  sql(folder('a.db'), 'PRAGMA application_id = 4660; CREATE TABLE t (a)')
  const foreign = open()
  expect(() => migrate(foreign, schema)).toThrow(
    expect.objectContaining({ code: 'storage_foreign' }),
  )
  foreign.exec(`PRAGMA application_id = ${schema.applicationId}; PRAGMA user_version = 3`)
  expect(() => migrate(foreign, schema)).toThrow(expect.objectContaining({ code: 'storage_newer' }))
  expect(foreign.isTransaction).toBe(false)
  foreign.close()
  foreign.close()
})

it('a newer version that a migration met under the lock is left as it is', async () => {
  const path = folder('a.db')
  await (await SqliteFile.open({ ...schema, path })).close()
  const db = open()
  const older = { ...schema, migrations: [schema.migrations[0]] }
  expect(() => migrate(db, older)).toThrow(expect.objectContaining({ code: 'storage_newer' }))
  expect(db.pragma('user_version')).toEqual({ user_version: 2 })
  db.close()
})
