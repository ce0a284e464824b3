// Made test/schema/fixtures/state-3.db and state-3.json, once, when a storage came to note that it has read from another
// one. Kept to show how; a file of a schema version is never made again, or it would not show that old files can be read.
import { rmSync, writeFileSync } from 'node:fs'
import type { StateChange } from '../../src/contracts/index.ts'
import { firstWriteWins, JsonText, openState } from '../../src/state/index.ts'
import { SqliteStateStorage } from '../../src/store/sqlite/index.ts'

const path = new URL('./fixtures/state-3.db', import.meta.url).pathname
for (const ending of ['', '-wal', '-shm']) rmSync(path + ending, { force: true })

const policies = { 'claims/*': firstWriteWins }
const storage = await SqliteStateStorage.open({ path, node: 'fixture', policies })
const state = await openState({ storage })
await state.set(
  'settings',
  new JsonText('{"big":12345678901234567890,"f":1.0,"__proto__":{"x":"☂"}}'),
)
for (let n = 0; n < 5; n++) await state.set(`users/${n}`, { n })
await state.set('users/1', { n: 'again' })
await state.delete('users/2')
await state.delete('users/3')
await storage.collect({ before: 2n ** 62n, upTo: 8n as never })
await storage.sweep({ minimumAge: 86_400_000, horizon: 30 * 86_400_000 })
await state.set('claims/a', 'first')
await state.delete('claims/a')
await state.set('claims/a', 'second')
const change = (path: string, at: bigint, dataText: string | null): StateChange => ({
  path,
  created: dataText === null ? 0n : at,
  updated: dataText === null ? at : 0n,
  dataText,
  note: '',
})
await storage.apply({
  via: 'there~0123456789abcdef' as never,
  role: 'pulled',
  changes: [
    change('theirs', 5n, '"x"'),
    change('gone', 6n, null),
    change('_no', 7n, '1'),
    change('users/late', 8n, '"late"'),
  ],
  cursor: 'AAAAAAAAAAAAAAAA.7.' as never,
})
const peer = 'reader~0123456789abcdef' as never
const { origin: as, end } = await storage.identity()
const known = { received: '' as never, pulled: end, sequence: 0n, ids: [] }
await storage.confirm(peer, as, known)
const { rows, horizon } = await storage.feed()
const { node, origin } = await storage.identity()
const [late] = await storage.late()
const left = {
  late: late?.change.path,
  node,
  origin,
  horizon: String(horizon),
  rows: rows.map(({ position, ...row }) => ({
    ...row,
    position: String(position),
    created: String(row.created),
    updated: String(row.updated),
  })),
}
writeFileSync(path.replace('.db', '.json'), `${JSON.stringify(left, null, 2)}\n`)
await state.close()
