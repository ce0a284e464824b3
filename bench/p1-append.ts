import { SqliteStore } from '../src/store/sqlite/sqlite-store.ts'
import type { Benchmark, Case, Contestant, Entry, Parameters, Sample } from './benchmark.ts'
import { rowsOf } from './floor/event-rows.ts'
import { RowWriter } from './floor/row-writer.ts'
import { type Durability, openTuned } from './floor/tuned-database.ts'
import { emmettAppend } from './peers/emmett.ts'
import { pouchAppend } from './peers/pouchdb.ts'
import { Scratch } from './scratch.ts'
import { settingsOfOurs } from './settings.ts'
import { holds } from './stores.ts'
import { inBatches, newEvents } from './workload.ts'

/** Durable appends, one after the other, against bare inserts of the finished rows. */
export const append: Benchmark = {
  id: 'P1',
  title: 'append',
  cases: (scale) =>
    ([1_000, 20, 1] as const).flatMap((batch) =>
      (['full', 'normal'] as const).map((durability): Case => {
        const events = Math.ceil(100_000 * scale)
        const parameters = { events, batch, durability }
        return {
          name: `batch ${batch}, ${durability}`,
          work: `append ${events.toLocaleString('en')} events, ${batch.toLocaleString('en')} at a time, ${durability}`,
          ours: { side: 'ours', parameters },
          floor: { side: 'floor', label: 'raw inserts', parameters },
          aim: { of: 'speed', value: 0.8 },
          peers: peersAt(batch, durability, scale),
        }
      }),
    ),
  sides: { ours, floor, emmettAppend, pouchAppend },
}

/** Slower than ours, so with fewer events; Emmett always flushes. */
function peersAt(batch: 1 | 20 | 1_000, durability: Durability, scale: number): Entry[] {
  const some = (events: number) => Math.ceil((events * scale) / batch) * batch
  const parameters = { batch, durability }
  const pouch: Entry = {
    label: durability === 'full' ? 'PouchDB on LevelDB, flushed' : 'PouchDB on LevelDB',
    side: 'pouchAppend',
    parameters: { ...parameters, events: some(batch === 1 ? 10_000 : 20_000) },
  }
  const emmett: Entry = {
    label: 'emmett-sqlite',
    side: 'emmettAppend',
    parameters: { ...parameters, events: some(batch === 1 ? 1_000 : 20_000) },
  }
  return durability === 'full' ? [emmett, pouch] : [pouch]
}

async function ours({ events, batch, durability }: Parameters): Promise<Contestant> {
  const batches = inBatches(newEvents(Number(events)), Number(batch))
  return {
    async round(): Promise<Sample> {
      using scratch = new Scratch()
      const path = scratch.path('log.db')
      await using store = await SqliteStore.open({ path, durability: durability as Durability })
      const begin = performance.now()
      for (const each of batches) await store.append(each)
      const milliseconds = performance.now() - begin
      await holds(store, Number(events))
      const settings = await settingsOfOurs(path, durability as Durability)
      return { events: Number(events), milliseconds, settings }
    },
    close: async () => {},
  }
}

async function floor({ events, batch, durability }: Parameters): Promise<Contestant> {
  const batches = inBatches(rowsOf(newEvents(Number(events))).rows, Number(batch))
  return {
    async round(): Promise<Sample> {
      using scratch = new Scratch()
      const { db, settings } = openTuned(scratch.path('log.db'), durability as Durability)
      const writer = new RowWriter(db)
      const begin = performance.now()
      for (const each of batches) writer.write(each)
      const milliseconds = performance.now() - begin
      db.close()
      return { events: Number(events), milliseconds, settings }
    },
    close: async () => {},
  }
}
