import type { ChangePage } from '../src/contracts/index.ts'
import { defaultEventLimits, type LogEvent, type NodeId, newOrigin } from '../src/event/index.ts'
import { syncOnce } from '../src/link/index.ts'
import { systemRuntime } from '../src/runtime/index.ts'
import { SqliteStore } from '../src/store/sqlite/sqlite-store.ts'
import { eventForm } from '../src/transport/remote/index.ts'
import { encodePage } from '../src/transport/remote/page.ts'
import type { Benchmark, Case, Contestant, Parameters, Sample } from './benchmark.ts'
import { ConfirmingHub } from './confirming-hub.ts'
import { openTuned } from './floor/tuned-database.ts'
import { statementsDuring, tableScans } from './query-plans.ts'
import { Scratch } from './scratch.ts'
import { filledStore } from './stores.ts'
import { inBatches, newEvents } from './workload.ts'

const form = eventForm(defaultEventLimits, systemRuntime)

/** From nothing open to the first page of the outbox, encoded, whatever the size of the log. */
export const opening: Benchmark = {
  id: 'P6',
  title: 'opening',
  cases(scale) {
    const unsent = Math.ceil(20_000 * scale)
    const sizes = [200_000, 20_000, 1_000_000].map((size) => Math.ceil(size * scale))
    const opens =
      (pages: 'first' | 'all') =>
      (events: number): Case => {
        const parameters = { events, unsent, pages }
        const until = pages === 'first' ? 'the first batch is ready' : 'all of them are encoded'
        const name = `${events.toLocaleString('en')} events, ${pages}`
        return {
          name,
          work: `open a store of ${events.toLocaleString('en')} events, ${unsent.toLocaleString('en')} of them unsent, until ${until}`,
          ours: { side: 'ours', parameters },
          floor: { side: 'floor', label: 'raw open, the unsent rows by index', parameters },
          aim: pages === 'first' ? { of: 'time', value: 2 } : { of: 'time' },
        }
      }
    return [...sizes.map(opens('first')), opens('all')(sizes[0] as number)]
  },
  sides: { ours, floor },
}

const hub = newOrigin('hub' as NodeId, systemRuntime)

async function ours({ events, unsent, pages }: Parameters): Promise<Contestant> {
  const scratch = new Scratch()
  const path = scratch.path('log.db')
  await prepare(path, Number(events), Number(unsent))
  const wanted = pages === 'all' ? Number(unsent) : Math.min(1_000, Number(unsent))
  const statements = await statementsDuring(async () => {
    await using store = await SqliteStore.open({ path })
    await readOutbox(store, wanted)
  })
  const scans = tableScans(path, statements)
  if (scans.length > 0) throw new Error(`a whole table is read: ${scans.join('; ')}`)
  return {
    async round(): Promise<Sample> {
      const begin = performance.now()
      await using store = await SqliteStore.open({ path })
      const bytes = await readOutbox(store, wanted)
      const milliseconds = performance.now() - begin
      return {
        events: wanted,
        milliseconds,
        notes: { bytes, statements: statements.length, 'full scans': scans.length },
      }
    },
    close: async () => scratch[Symbol.dispose](),
  }
}

/** All but the last ones are confirmed by a hub, as after years of syncing. */
async function prepare(path: string, events: number, unsent: number): Promise<void> {
  const all = newEvents(events)
  await using store = await filledStore(path, all.slice(0, events - unsent))
  await using transport = new ConfirmingHub(hub)
  const { errors } = await syncOnce({ replica: store, transport })
  if (errors[0] !== undefined) throw errors[0]
  for (const each of inBatches(all.slice(events - unsent), 1_000)) await store.append(each)
}

/** What a link does before its first push; returns the size of what it would send. */
async function readOutbox(store: SqliteStore, wanted: number): Promise<number> {
  let { pushed } = await store.link(hub)
  let bytes = 0
  for (let read = 0; read < wanted; ) {
    const page: ChangePage<LogEvent> = await store.changes(pushed, { ...batch, notVia: hub })
    if (page.kind === 'reset' || page.changes.length === 0) throw new Error('the outbox is short')
    bytes += encodePage(form, page.changes, { cursor: page.cursor, expects: pushed }).byteLength
    read += page.changes.length
    pushed = page.cursor
  }
  return bytes
}

async function floor({ events, unsent }: Parameters): Promise<Contestant> {
  const scratch = new Scratch()
  const path = scratch.path('log.db')
  await prepare(path, Number(events), Number(unsent))
  return {
    async round(): Promise<Sample> {
      const begin = performance.now()
      const { db } = openTuned(path, 'full')
      const select = db.prepare('SELECT * FROM events WHERE position > ? ORDER BY position')
      select.setReadBigInts(true)
      select.setReturnArrays(true)
      const rows = select.all(Number(events) - Number(unsent))
      const milliseconds = performance.now() - begin
      db.close()
      if (rows.length !== Number(unsent)) throw new Error(`${rows.length} rows are unsent`)
      return { events: rows.length, milliseconds }
    },
    close: async () => scratch[Symbol.dispose](),
  }
}

const batch = { count: 1_000, bytes: 1024 * 1024 }
