// Made test/schema/fixtures/schema-2.db and schema-2.frames, once: the file of version 1, migrated, with an event
// whose header waits for its parent. Kept to show how; a file of a schema version is never made again, or it
// would not show that old files can be read.
import { copyFileSync, rmSync, writeFileSync } from 'node:fs'
import { encodeFrame, type Origin } from '../../src/event/index.ts'
import { MemoryStore } from '../../src/store/memory/index.ts'
import { SqliteStore } from '../../src/store/sqlite/index.ts'

const path = new URL('./fixtures/schema-2.db', import.meta.url).pathname
for (const ending of ['', '-wal', '-shm']) rmSync(path + ending, { force: true })
copyFileSync(path.replace('schema-2', 'schema-1'), path)

const store = await SqliteStore.open({ path })
const there = await MemoryStore.open({ node: 'there' })
await there.append([{ id: 'parent', type: 'Noted', aggregateId: 'note-4', data: 'first' }])
await there.append([{ id: 'orphan', type: 'Noted', aggregateId: 'note-4', data: 'second' }])
const changes = (await there.entries({})).entries.map(({ event }) => event)
const peer = 'go-0123456789abcdef~0123456789abcdef' as Origin
const batch = { via: peer, role: 'pulled', orphans: 'adopt' } as const
await store.apply({ ...batch, changes: changes.slice(1) })

const { entries } = await store.entries({})
writeFileSync(
  path.replace('.db', '.frames'),
  entries.map(({ event }) => encodeFrame(event)).join(''),
)
writeFileSync(path.replace('.db', '.parent'), changes.slice(0, 1).map(encodeFrame).join(''))
await store.close()
