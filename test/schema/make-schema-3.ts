// Made test/schema/fixtures/schema-3.db and schema-3.frames, once: the file of version 2, migrated, with a read
// model in it. Kept to show how; a file of a schema version is never made again, or it would not show that old
// files can be read.
import { copyFileSync, rmSync } from 'node:fs'
import { SqliteStore } from '../../src/store/sqlite/index.ts'

const path = new URL('./fixtures/schema-3.db', import.meta.url).pathname
for (const ending of ['', '-wal', '-shm']) rmSync(path + ending, { force: true })
copyFileSync(path.replace('schema-3', 'schema-2'), path)
copyFileSync(path.replace('schema-3.db', 'schema-2.frames'), path.replace('.db', '.frames'))

const store = await SqliteStore.open({ path })
await store.projections.commit({
  name: 'notes',
  expects: undefined,
  head: '{"kept":true}',
  writes: [
    { space: 'r', key: 'note-1', value: '{"count":5}' },
    { space: 'r', key: 'naïve ☂ id', value: '{"count":6}' },
  ],
})
await store.close()
