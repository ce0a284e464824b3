// Made test/schema/fixtures/schema-4.db and schema-4.frames, once: the file of version 3, migrated, with an event
// that is erased. Kept to show how; a file of a schema version is never made again, or it would not show that
// old files can be read.
import { copyFileSync, rmSync, writeFileSync } from 'node:fs'
import { type EventId, encodeFrame } from '../../src/event/index.ts'
import { SqliteStore } from '../../src/store/sqlite/index.ts'

const path = new URL('./fixtures/schema-4.db', import.meta.url).pathname
for (const ending of ['', '-wal', '-shm']) rmSync(path + ending, { force: true })
copyFileSync(path.replace('schema-4', 'schema-3'), path)

const store = await SqliteStore.open({ path })
const metadata = { tenant: 'kitchen', by: 'ann' }
await store.append([{ id: 'gone', type: 'Noted', aggregateId: 'note-5', metadata, data: 'secret' }])
await store.append([{ type: 'Noted', aggregateId: 'note-5', data: 'after it' }])
await store.erase(['gone' as EventId])

const { entries } = await store.entries({})
writeFileSync(
  path.replace('.db', '.frames'),
  entries.map(({ event }) => encodeFrame(event)).join(''),
)
await store.close()
