// Made test/schema/fixtures/schema-6.db and schema-6.frames, once: the file of version 5, migrated, with an aggregate
// that is compacted and a peer that has pulled. Kept to show how; a file of a schema version is never made again, or
// it would not show that old files can be read.
import { copyFileSync, rmSync, writeFileSync } from 'node:fs'
import { encodeFrame, type Origin, snapshotType } from '../../src/event/index.ts'
import { SqliteStore } from '../../src/store/sqlite/index.ts'
import { start } from '../../src/version/index.ts'

const path = new URL('./fixtures/schema-6.db', import.meta.url).pathname
for (const ending of ['', '-wal', '-shm']) rmSync(path + ending, { force: true })
copyFileSync(path.replace('schema-6', 'schema-5'), path)

const store = await SqliteStore.open({ path })
const aggregateId = 'note-7'
await store.append([{ type: 'Noted', aggregateId, data: 'in the snapshot' }])
await store.append([{ type: snapshotType, aggregateId, data: 'all there was' }])
const { origin, end: pulled } = await store.identity()
const peer = 'reading~0123456789abcdef' as Origin
await store.confirm(peer, origin, { received: start, pulled, sequence: 0n, ids: [] })
const leaveBehind = (await store.status()).links.map(({ link }) => link)
await store.compact({ olderThan: 0, leaveBehind })

const { entries } = await store.entries({})
writeFileSync(
  path.replace('.db', '.frames'),
  entries.map((entry) => encodeFrame(entry.event)).join(''),
)
await store.close()
