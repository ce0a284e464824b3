import { syncOnce } from '../src/link/index.ts'
import { serve } from '../src/server/index.ts'
import { SqliteStore } from '../src/store/sqlite/sqlite-store.ts'
import { httpTransport, logHandler } from '../src/transport/http/index.ts'
import { RemoteActor } from './actor.ts'
import type { Benchmark, Contestant, Parameters, Sample, Server } from './benchmark.ts'
import { busyHub, liveCatchUp } from './catch-up-live.ts'
import { BareClient, bareServer } from './floor/bare-http.ts'
import { rowsOf } from './floor/event-rows.ts'
import { RowWriter } from './floor/row-writer.ts'
import { openTuned } from './floor/tuned-database.ts'
import { parsePage, serialisePage } from './floor/wire-rows.ts'
import { pouchCatchUp, pouchHub } from './peers/pouchdb.ts'
import { Scratch } from './scratch.ts'
import { settingsOfOurs } from './settings.ts'
import { filledStore, holds } from './stores.ts'
import { inBatches, newEvents } from './workload.ts'

/** An empty replica takes in a whole log over loopback HTTP, flushed page by page. */
export const catchUp: Benchmark = {
  id: 'P3',
  title: 'catch-up',
  cases(scale) {
    const [few, usual, many] = [10_000 * scale, 100_000 * scale, 1_000_000 * scale]
    const [behind, rate] = [50_000 * scale, 200]
    const name = (events: number) => events.toLocaleString('en')
    return [
      {
        name: `${name(usual)} events`,
        work: `catch up with ${name(usual)} events over loopback HTTP, full`,
        ours: { side: 'ours', parameters: { events: usual } },
        floor: { side: 'floor', label: 'bare pages, raw inserts', parameters: { events: usual } },
        aim: { of: 'speed', value: 0.8 },
        peers: [
          {
            label: 'PouchDB from express-pouchdb, flushed',
            side: 'pouchCatchUp',
            parameters: { events: Math.ceil(few) },
          },
        ],
      },
      {
        name: `${name(many)} events against ${name(few)}`,
        work: `catch up with ${name(many)} events, beside the same with ${name(few)}`,
        ours: { side: 'ours', parameters: { events: many } },
        floor: { side: 'ours', label: `ours, ${name(few)}`, parameters: { events: few } },
        aim: { of: 'speed', value: 0.8 },
        rounds: 3,
      },
      {
        name: `${name(many)} events`,
        work: `catch up with ${name(many)} events over loopback HTTP, full`,
        ours: { side: 'ours', parameters: { events: many } },
        floor: { side: 'floor', label: 'bare pages, raw inserts', parameters: { events: many } },
        aim: { of: 'speed' },
        rounds: 3,
      },
      {
        name: 'while live',
        work: `catch up with ${name(behind)} events while ${rate} a second are appended, until live`,
        ours: { side: 'liveCatchUp', parameters: { events: behind, rate } },
        floor: {
          side: 'liveCatchUp',
          label: 'ours, on a quiet hub',
          parameters: { events: behind, rate: 0 },
        },
        aim: { of: 'speed', value: 0.8 },
      },
    ]
  },
  sides: { ours, floor, liveCatchUp, pouchCatchUp },
  servers: { hub, pages, busyHub, pouchHub },
}

async function ours(parameters: Parameters): Promise<Contestant> {
  const events = Number(parameters.events)
  const server = await begin('hub', parameters)
  return {
    async round(): Promise<Sample> {
      using scratch = new Scratch()
      const path = scratch.path('replica.db')
      await using replica = await SqliteStore.open({ path })
      await using transport = httpTransport({ url: await server.call('open') })
      const start = performance.now()
      const { errors } = await syncOnce({ replica, transport })
      const milliseconds = performance.now() - start
      if (errors[0] !== undefined) throw errors[0]
      await holds(replica, events)
      return { events, milliseconds, settings: await settingsOfOurs(path, 'full') }
    },
    close: () => server.close(),
  }
}

async function hub({ events }: Parameters): Promise<Server> {
  const scratch = new Scratch()
  const store = await filledStore(scratch.path('hub.db'), newEvents(Number(events)))
  const server = await serve({ port: 0, mounts: { '/sync': logHandler(store) } })
  return {
    open: async () => server.url,
    async close() {
      await server.close()
      await store.close()
      scratch[Symbol.dispose]()
    },
  }
}

async function floor(parameters: Parameters): Promise<Contestant> {
  const events = Number(parameters.events)
  const server = await begin('pages', parameters)
  return {
    async round(): Promise<Sample> {
      using scratch = new Scratch()
      const { db, settings } = openTuned(scratch.path('replica.db'), 'full')
      const writer = new RowWriter(db)
      const client = new BareClient()
      const url = await server.call('open')
      const start = performance.now()
      let next: Promise<Buffer> | undefined = client.send(`${url}/0`)
      for (let at = 1; next !== undefined; at++) {
        const page: Buffer = await next
        // Asked for before this one is written, as our link does it.
        next = at * pageRows < events ? client.send(`${url}/${at}`) : undefined
        writer.write(parsePage(page.toString()))
      }
      const milliseconds = performance.now() - start
      client.close()
      const stored = db.prepare('SELECT count(*) AS count FROM events').get()?.count
      db.close()
      if (stored !== events) throw new Error(`${stored} rows were stored instead of ${events}`)
      return { events, milliseconds, settings }
    },
    close: () => server.close(),
  }
}

async function pages({ events }: Parameters): Promise<Server> {
  const prepared = inBatches(rowsOf(newEvents(Number(events))).rows, pageRows).map(serialisePage)
  const server = await bareServer((path) => prepared[Number(path.slice(1))] as Buffer)
  return { open: async () => server.url, close: server.close }
}

function begin(name: 'hub' | 'pages', parameters: Parameters): Promise<RemoteActor<Server>> {
  return RemoteActor.begin({ benchmark: 'P3', kind: 'servers', name, parameters })
}

const pageRows = 1_000
