// Made test/evolution/fixtures/release-1.db, once: the notebook of an application's first release, which knew
// schema version 1 only. Kept to show how; it is never made again, or it would not be the previous release's.
import { rmSync } from 'node:fs'
import { SqliteStore } from '../../src/store/sqlite/index.ts'
import { SyncNode } from '../../src/sync/index.ts'

const path = new URL('./fixtures/release-1.db', import.meta.url).pathname
for (const ending of ['', '-wal', '-shm']) rmSync(path + ending, { force: true })

const node = new SyncNode({ store: await SqliteStore.open({ path, node: 'laptop' }) })
for (const text of ['milk\nbread', 'a boat'])
  await node.append([{ type: 'NoteWritten', aggregateId: 'note-1', data: { text } }])
// A number that no double holds: it must come through an upgrade digit for digit.
const dataText = '{"text":"tea","cents":12345678901234567890}'
await node.append([{ type: 'NoteWritten', aggregateId: 'note-2', dataText }])
await node.append([{ type: 'NoteDeleted', aggregateId: 'note-1' }])
await node.close()
