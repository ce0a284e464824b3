import { SqliteStore } from '../src/store/sqlite/sqlite-store.ts'
import type { Benchmark, Contestant, Parameters, Sample } from './benchmark.ts'
import { rowsOf } from './floor/event-rows.ts'
import { RowWriter } from './floor/row-writer.ts'
import { openTuned } from './floor/tuned-database.ts'
import { Scratch } from './scratch.ts'
import { settingsOfOurs } from './settings.ts'
import { holds } from './stores.ts'
import { inBatches, newEvents } from './workload.ts'

/** Many callers, each waiting for its own flushed append, against one flushed transaction an event. */
export const groupCommit: Benchmark = {
  id: 'P2',
  title: 'group commit',
  cases(scale) {
    const events = Math.ceil(100_000 * scale)
    const work = `${callers} callers append one event at a time, each flushed before the next`
    const entry = { side: 'ours', parameters: { events } }
    const raw = (count: number, batch: number) => ({
      side: 'floor',
      label: batch === 1 ? 'a flushed transaction each' : `raw transactions of ${batch}`,
      parameters: { events: count, batch },
    })
    return [
      {
        name: '64 callers, full',
        work,
        ours: entry,
        floor: raw(Math.ceil(events / 10), 1),
        aim: { of: 'speed', value: 20 },
      },
      {
        name: '64 callers, full, against groups',
        work: 'the same, beside rows in groups as large as ours can get',
        ours: entry,
        floor: raw(events, callers),
        aim: { of: 'speed' },
      },
    ]
  },
  sides: { ours, floor },
}

const callers = 64

async function ours({ events: count }: Parameters): Promise<Contestant> {
  const events = newEvents(Number(count))
  return {
    async round(): Promise<Sample> {
      using scratch = new Scratch()
      const path = scratch.path('log.db')
      await using store = await SqliteStore.open({ path, durability: 'full' })
      let next = 0
      const caller = async () => {
        for (let event = events[next++]; event !== undefined; event = events[next++])
          await store.append([event])
      }
      const begin = performance.now()
      await Promise.all(Array.from({ length: callers }, caller))
      const milliseconds = performance.now() - begin
      await holds(store, events.length)
      return { events: events.length, milliseconds, settings: await settingsOfOurs(path, 'full') }
    },
    close: async () => {},
  }
}

async function floor({ events, batch }: Parameters): Promise<Contestant> {
  const groups = inBatches(rowsOf(newEvents(Number(events))).rows, Number(batch))
  return {
    async round(): Promise<Sample> {
      using scratch = new Scratch()
      const { db, settings } = openTuned(scratch.path('log.db'), 'full')
      const writer = new RowWriter(db)
      const begin = performance.now()
      for (const group of groups) writer.write(group)
      const milliseconds = performance.now() - begin
      db.close()
      return { events: Number(events), milliseconds, settings }
    },
    close: async () => {},
  }
}
