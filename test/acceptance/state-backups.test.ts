import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { StateChange } from '../../src/contracts/index.ts'
import { SqliteStateStorage } from '../../src/store/sqlite/index.ts'
import {
  changeOf,
  put,
  tombstone,
  wholeFeed,
  write,
} from '../../src/testing/acceptance/state-storage/changes.ts'
import { type Cursor, start } from '../../src/version/index.ts'
import { property } from '../property.ts'

const paths = fc.constantFrom('a', 'b', 'c')
const change = fc.oneof(
  fc.record({ kind: fc.constant('write' as const), path: paths }),
  fc.record({ kind: fc.constant('delete' as const), path: paths }),
)
const read = fc.record({
  kind: fc.constant('read' as const),
  count: fc.integer({ min: 1, max: 2 }),
})
const step = fc.oneof(change, read)
/** Of one storage: until it is backed up, until it is lost, and from the backup on. */
const lives = fc.record({
  saved: fc.array(change, { minLength: 3, maxLength: 5 }),
  lost: fc
    .tuple(fc.array(change, { minLength: 1, maxLength: 3 }), read, fc.array(step, { maxLength: 2 }))
    .map(([moved, page, steps]) => [...moved, page, ...steps]),
  goneOn: fc.array(step, { maxLength: 3 }),
})

it('S4, L3: who reads on from half-way ends with the newest rows, also of a backup that was gone on from', async () => {
  await property(
    lives,
    async ({ saved, lost, goneOn }) => {
      const folder = mkdtempSync(join(tmpdir(), 'rejoin-backups-'))
      mkdirSync(join(folder, 'lost'))
      const open = (place: string) =>
        SqliteStateStorage.open({ path: join(folder, place, 'state.db'), durability: 'normal' })
      let storage = await open('lost')
      const reader = { cursor: start, rows: new Map<string, StateChange>() }
      let time = 0n
      const live = async (steps: readonly Step[]) => {
        for (const one of steps) {
          time++
          if (one.kind === 'write') await put(storage, write(one.path, time))
          else if (one.kind === 'delete') await put(storage, tombstone(one.path, time))
          else await readOn(storage, reader, one.count)
        }
      }
      try {
        await live(saved)
        cpSync(join(folder, 'lost'), join(folder, 'backup'), { recursive: true })
        await live(lost)
        await storage.close()
        storage = await open('backup')
        await live(goneOn)
        while (await readOn(storage, reader, 2));
        const newest = (await wholeFeed(storage)).map(changeOf)
        expect(reader.rows).toEqual(new Map(newest.map((row) => [row.path, row])))
      } finally {
        await storage.close()
        rmSync(folder, { recursive: true })
      }
    },
    25,
  )
}, 120_000)

type Step = typeof step extends fc.Arbitrary<infer One> ? One : never

/** Whether there is more. Who is told that this is another history knows nothing of it. */
async function readOn(
  storage: SqliteStateStorage,
  reader: { cursor: Cursor; readonly rows: Map<string, StateChange> },
  count: number,
): Promise<boolean> {
  const page = await storage.changes(reader.cursor, { count, bytes: 1e6 })
  if (page.kind === 'reset') {
    reader.cursor = start
    reader.rows.clear()
    return true
  }
  for (const change of page.changes) reader.rows.set(change.path, changeOf(change))
  reader.cursor = page.cursor
  return page.more
}
