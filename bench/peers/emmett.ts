import type { Contestant, Parameters, Sample } from '../benchmark.ts'
import { Scratch } from '../scratch.ts'
import { settingNames } from '../settings.ts'
import { inBatches, newEvents } from '../workload.ts'
import { type Emmett, emmett } from './libraries.ts'

/**
 * Emmett's store on SQLite. One append of its goes into one stream, so a batch is one stream's here, while
 * ours spreads over 1,000 aggregates. It flushes each commit and can't be told otherwise.
 */
export async function emmettAppend({ events, batch }: Parameters): Promise<Contestant> {
  const { getSQLiteEventStore, sqliteConnection } = emmett()
  const batches = inBatches(newEvents(Number(events)), Number(batch)).map((each, index) => ({
    stream: `account-${index % 1_000}`,
    events: each.map(({ type, data }) => ({ type, data })),
  }))
  return {
    async round(): Promise<Sample> {
      using scratch = new Scratch()
      const fileName = scratch.path('emmett.db')
      const store = getSQLiteEventStore({ fileName })
      await store.appendToStream('first-1', [{ type: 'SchemaMade', data: {} }])
      // It opens the file anew for each append. That one connection stays open spares it the checkpoint
      // that SQLite makes when the last one is closed, which costs it two thirds of its speed.
      const kept = sqliteConnection({ fileName })
      const begin = performance.now()
      for (const each of batches) await store.appendToStream(each.stream, each.events)
      const milliseconds = performance.now() - begin
      const found = await read(kept, 'SELECT count(*) - 1 AS count FROM emt_messages', 'count')
      const settings = await readBack(kept)
      kept.close()
      if (found !== events) throw new Error(`${found} events were stored instead of ${events}`)
      return { events: Number(events), milliseconds, settings }
    },
    close: async () => {},
  }
}

type Connection = ReturnType<Emmett['sqliteConnection']>

async function readBack(connection: Connection): Promise<NonNullable<Sample['settings']>> {
  const settings: Record<string, string | number> = {}
  for (const name of settingNames) settings[name] = await read(connection, `PRAGMA ${name}`, name)
  return settings
}

async function read(connection: Connection, sql: string, column: string): Promise<string | number> {
  return (await connection.querySingle(sql))?.[column] ?? 'nothing'
}
