// Made test/schema/fixtures/schema-1.db and schema-1.frames, once, with the first release. Kept to show how; a
// file of a schema version is never made again, or it would not show that old files can be read.
import { rmSync, writeFileSync } from 'node:fs'
import { type EventId, encodeFrame, LogEvent, type Origin } from '../../src/event/index.ts'
import { syncOnce } from '../../src/link/index.ts'
import { MemoryStore } from '../../src/store/memory/index.ts'
import { SqliteStore } from '../../src/store/sqlite/index.ts'
import { memoryTransport } from '../../src/transport/memory/index.ts'

const path = new URL('./fixtures/schema-1.db', import.meta.url).pathname
for (const ending of ['', '-wal', '-shm']) rmSync(path + ending, { force: true })

const store = await SqliteStore.open({ path, node: 'fixture' })
const other = await MemoryStore.open({ node: 'other' })
const hub = await MemoryStore.open({ node: 'hub' })

for (let n = 0; n < 5; n++) {
  await store.append([
    { type: 'Noted', aggregateId: 'note-1', data: { n }, metadata: { by: 'Ann', priority: n } },
    {
      type: 'Noted',
      aggregateId: 'naïve ☂ id',
      dataText: '{"big":12345678901234567890}',
      id: `id-${n}`,
    },
  ])
  await other.append([
    { type: 'Renamed', aggregateId: 'note-1', data: { title: `t${n}` }, schemaVersion: 2 },
  ])
}
for (const replica of [other, store]) await syncOnce({ replica, transport: memoryTransport(hub) })
await store.append([{ type: 'Merged', aggregateId: 'note-1', data: null }])
await store.append([{ type: 'Waiting', aggregateId: 'note-2', data: [1, 2, 3] }])
await other.append([{ type: 'Renamed', aggregateId: 'note-1', data: { title: 'concurrent' } }])
await syncOnce({ replica: other, transport: memoryTransport(hub) })
await syncOnce({
  replica: store,
  transport: memoryTransport(hub),
  directions: { pull: true, push: false },
})

const [full] =
  (await other.append([{ type: 'Secret', aggregateId: 'note-3', data: 'kept back' }])).kind ===
  'appended'
    ? (await other.entries({ aggregateId: 'note-3' })).entries.map(({ event }) => event)
    : []
if (full === undefined) throw new Error('nothing to keep back')
const stub = new LogEvent({ ...full, type: '', metadataText: '', dataText: '', stub: 'withheld' })
const peer = 'filtering~0123456789abcdef' as Origin
await store.apply({ via: peer, role: 'pushed', changes: [stub] })
const { generation, pushed } = await store.link(peer)
const parked = [{ id: 'id-0' as EventId, reason: 'clock' as const, message: 'a day ahead' }]
await store.settle({ link: peer, generation, expects: pushed, pushed, parked, unparked: [] })

const { entries } = await store.entries({})
writeFileSync(
  path.replace('.db', '.frames'),
  entries.map(({ event }) => encodeFrame(event)).join(''),
)
await store.close()
