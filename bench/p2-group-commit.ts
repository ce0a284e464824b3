import { SqliteStore } from '../src/store/sqlite/sqlite-store.ts'
import type { Benchmark, Contestant, Parameters, Sample } from './benchmark.ts'
import { insertSql, rowsOf } from './floor/event-rows.ts'
import { openTuned } from './floor/tuned-database.ts'
import { Scratch } from './scratch.ts'
import { settingsOfOurs } from './settings.ts'
import { newEvents } from './workload.ts'

/** Many callers, each waiting for its own flushed append, against one flushed transaction an event. */
export const groupCommit: Benchmark = {
  id: 'P2',
  title: 'group commit',
  cases: (scale) => [
    {
      name: '64 callers, full',
      work: `${callers} callers append one event at a time, each flushed before the next`,
      ours: { side: 'ours', parameters: { events: Math.ceil(100_000 * scale) } },
      floor: {
        side: 'floor',
        label: 'a flushed transaction each',
        parameters: { events: Math.ceil(10_000 * scale) },
      },
      aim: { of: 'speed', value: 20 },
    },
  ],
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
      return { events: events.length, milliseconds, settings: await settingsOfOurs(path, 'full') }
    },
    close: async () => {},
  }
}

async function floor({ events: count }: Parameters): Promise<Contestant> {
  const { rows } = rowsOf(newEvents(Number(count)))
  return {
    async round(): Promise<Sample> {
      using scratch = new Scratch()
      const { db, settings } = openTuned(scratch.path('log.db'), 'full')
      const insert = db.prepare(insertSql)
      const begin = performance.now()
      for (const row of rows) insert.run(...row)
      const milliseconds = performance.now() - begin
      db.close()
      return { events: rows.length, milliseconds, settings }
    },
    close: async () => {},
  }
}
