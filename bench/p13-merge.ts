import type { StateChange } from '../src/contracts/index.ts'
import type { Origin } from '../src/event/index.ts'
import { SqliteStateStorage } from '../src/store/sqlite/index.ts'
import type { Benchmark, Case, Contestant, Entry, Parameters, Sample } from './benchmark.ts'
import { openTuned } from './floor/tuned-database.ts'
import { pivotPull } from './peers/pivot.ts'
import { Scratch } from './scratch.ts'
import { settingsOfOurStates } from './settings.ts'
import { inBatches, randomNumbers } from './workload.ts'

/** Changes from a peer, joined with the rows that are here by last write wins, durably. */
export const merging: Benchmark = {
  id: 'P13',
  title: 'merging state',
  cases(scale) {
    const parameters = { changes: Math.ceil(80_000 * scale), rows: Math.ceil(20_000 * scale) }
    return [
      {
        name: 'last write wins, full',
        work: `${parameters.changes.toLocaleString('en')} changes into ${parameters.rows.toLocaleString('en')} paths, 1,000 a flushed commit`,
        ours: { side: 'ours', parameters },
        floor: { side: 'floor', label: 'raw upserts', parameters },
        aim: { of: 'speed', value: 0.6 },
      },
      ...[100, 10_000, 100_000].map((paths): Case => {
        const rows = Math.ceil(paths * scale)
        const parameters = { changes: Math.ceil(20_000 * scale), rows, held: 1 }
        return {
          name: `${rows.toLocaleString('en')} paths held, full`,
          work: `${parameters.changes.toLocaleString('en')} changes into ${rows.toLocaleString('en')} paths that are there, 1,000 a flushed commit`,
          ours: { side: 'ours', parameters },
          floor: { side: 'floor', label: 'raw upserts', parameters },
          aim: { of: 'speed' },
          peers: paths <= 10_000 ? [pulling(rows)] : [],
        }
      }),
    ]
  },
  sides: { ours, floor, pivotPull },
}

/** With more rows it takes minutes to begin with. */
function pulling(keys: number): Entry {
  const label = 'pivot (Go), whose node pulls them over HTTP, unflushed'
  const changes = Math.min(keys, 1_000)
  return { side: 'pivotPull', label, parameters: { keys, changes }, needs: 'pivot' }
}

async function ours(parameters: Parameters): Promise<Contestant> {
  const batches = inBatches(changesOf(parameters), batchSize)
  const held = inBatches(heldAt(parameters), batchSize)
  return {
    async round(): Promise<Sample> {
      using scratch = new Scratch()
      const path = scratch.path('state.db')
      await using storage = await SqliteStateStorage.open({ path, durability: 'full' })
      for (const changes of held) await storage.apply({ via: peer, role: 'pulled', changes })
      const begin = performance.now()
      let stored = 0
      for (const changes of batches) {
        const answer = await storage.apply({ via: peer, role: 'pulled', changes })
        if (answer.kind === 'reset') throw new Error('nothing was expected')
        for (const { kind } of answer.receipts) if (kind === 'stored') stored++
      }
      const milliseconds = performance.now() - begin
      const settings = await settingsOfOurStates(path, 'full')
      const { objects } = await storage.status()
      return {
        events: Number(parameters.changes),
        milliseconds,
        settings,
        notes: { stored, rows: Number(objects) },
      }
    },
    close: async () => {},
  }
}

async function floor(parameters: Parameters): Promise<Contestant> {
  const batches = inBatches(changesOf(parameters), batchSize)
  const held = inBatches(heldAt(parameters), batchSize)
  return {
    async round(): Promise<Sample> {
      using scratch = new Scratch()
      const { db, settings } = openTuned(scratch.path('rows.db'), 'full')
      db.exec(
        'CREATE TABLE rows (path TEXT PRIMARY KEY, created, updated, stamp, data) WITHOUT ROWID',
      )
      const upsert = db.prepare(upsertSql)
      const merge = (batch: readonly StateChange[]) => {
        let stored = 0
        db.exec('BEGIN IMMEDIATE')
        for (const { path, created, updated, dataText } of batch) {
          const stamp = created > updated ? created : updated
          stored += Number(upsert.run(path, created, updated, stamp, dataText).changes)
        }
        db.exec('COMMIT')
        return stored
      }
      for (const batch of held) merge(batch)
      let stored = 0
      const begin = performance.now()
      for (const batch of batches) stored += merge(batch)
      const milliseconds = performance.now() - begin
      const rows = Number(db.prepare('SELECT count(*) AS rows FROM rows').get()?.rows)
      db.close()
      return { events: Number(parameters.changes), milliseconds, settings, notes: { stored, rows } }
    },
    close: async () => {},
  }
}

const upsertSql = `INSERT INTO rows VALUES (?, ?, ?, ?, ?) ON CONFLICT (path) DO UPDATE SET
  created = excluded.created, updated = excluded.updated, stamp = excluded.stamp, data = excluded.data
  WHERE excluded.stamp > stamp`

/** What stands at each path before anything is measured; the first change of each is newer. */
function heldAt({ rows, held }: Parameters): StateChange[] {
  if (!held) return []
  return Array.from({ length: Number(rows) }, (_, row) => changeOf(row, 0n, row))
}

/** In no particular order of time, so that some win and some lose; no two at one time. */
function changesOf({ changes, rows }: Parameters): StateChange[] {
  const random = randomNumbers(7)
  return Array.from({ length: Number(changes) }, (_, at) => {
    const row = random(Number(rows))
    return changeOf(row, BigInt(random(1_000_000)) * 1_000_000n + BigInt(at) + 1n, at, random(100))
  })
}

function changeOf(row: number, updated: bigint, number: number, level = 0): StateChange {
  return {
    path: `devices/d${row}/state`,
    created: start,
    updated: updated === 0n ? 0n : start + updated,
    dataText: JSON.stringify({
      on: number % 2 === 0,
      level,
      name: `device ${number}`,
      note: 'x'.repeat(60),
    }),
    note: '',
  }
}

const start = 1_777_636_800_000_000_000n
const batchSize = 1_000
const peer = 'there~0123456789abcdef' as Origin
