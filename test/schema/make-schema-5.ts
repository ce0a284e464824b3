// Made test/schema/fixtures/schema-5.db and schema-5.frames, once: the file of version 4, migrated, with an event
// that took its header on after it was here. Kept to show how; a file of a schema version is never made again, or
// it would not show that old files can be read.
import { copyFileSync, rmSync, writeFileSync } from 'node:fs'
import { encodeFrame, type LogEvent, type Origin, withoutCausality } from '../../src/event/index.ts'
import { MemoryStore } from '../../src/store/memory/index.ts'
import { SqliteStore } from '../../src/store/sqlite/index.ts'

const path = new URL('./fixtures/schema-5.db', import.meta.url).pathname
for (const ending of ['', '-wal', '-shm']) rmSync(path + ending, { force: true })
copyFileSync(path.replace('schema-5', 'schema-4'), path)

const elsewhere = await MemoryStore.open({ node: 'elsewhere' })
const late = { id: 'late', type: 'Noted', aggregateId: 'note-6', data: 'its header comes late' }
await elsewhere.append([late])
const { entries: written } = await elsewhere.entries({})
const event = written[0]?.event as LogEvent

const store = await SqliteStore.open({ path })
const via = event.origin as Origin
await store.apply({ via, role: 'pulled', changes: [withoutCausality(event)] })
await store.append([{ type: 'Noted', aggregateId: 'note-5', data: 'between' }])
await store.apply({ via, role: 'pulled', changes: [event] })

const { entries } = await store.entries({})
writeFileSync(
  path.replace('.db', '.frames'),
  entries.map((entry) => encodeFrame(entry.event)).join(''),
)
await store.close()
