import { syncOnce } from '../src/link/index.ts'
import { serve } from '../src/server/index.ts'
import { SqliteStore } from '../src/store/sqlite/sqlite-store.ts'
import { httpTransport, logHandler } from '../src/transport/http/index.ts'
import { RemoteActor } from './actor.ts'
import type { Benchmark, Contestant, Parameters, Sample, Server } from './benchmark.ts'
import { BareClient, bareServer } from './floor/bare-http.ts'
import { rowsOf } from './floor/event-rows.ts'
import { RowWriter } from './floor/row-writer.ts'
import { openTuned } from './floor/tuned-database.ts'
import { parsePage, serialisePage } from './floor/wire-rows.ts'
import { pouchHub, pouchPush } from './peers/pouchdb.ts'
import { Scratch } from './scratch.ts'
import { filledStore } from './stores.ts'
import { inBatches, newEvents } from './workload.ts'

/** A replica hands everything it wrote to an empty hub over loopback HTTP, flushed page by page. */
export const push: Benchmark = {
  id: 'P4',
  title: 'push',
  cases(scale) {
    const events = Math.ceil(100_000 * scale)
    return [
      {
        name: `${events.toLocaleString('en')} events`,
        work: `push ${events.toLocaleString('en')} events over loopback HTTP, full`,
        ours: { side: 'ours', parameters: { events } },
        floor: { side: 'floor', label: 'bare pages, raw inserts', parameters: { events } },
        aim: { of: 'speed', value: 0.8 },
        peers: [
          {
            label: 'PouchDB to express-pouchdb, flushed',
            side: 'pouchPush',
            parameters: { events: Math.ceil(10_000 * scale) },
          },
        ],
      },
    ]
  },
  sides: { ours, floor, pouchPush },
  servers: { hub, pages, pouchHub },
}

async function ours(parameters: Parameters): Promise<Contestant> {
  const events = Number(parameters.events)
  const server = await begin('hub', parameters)
  const scratch = new Scratch()
  const replica = await filledStore(scratch.path('replica.db'), newEvents(events))
  return {
    async round(): Promise<Sample> {
      // Each time another hub: for this link nothing is sent yet.
      await using transport = httpTransport({ url: await server.call('open') })
      const start = performance.now()
      const { pushed, errors } = await syncOnce({ replica, transport })
      const milliseconds = performance.now() - start
      if (errors[0] !== undefined) throw errors[0]
      if (pushed !== events) throw new Error(`${pushed} events were stored instead of ${events}`)
      return { events, milliseconds }
    },
    async close() {
      await server.close()
      await replica.close()
      scratch[Symbol.dispose]()
    },
  }
}

async function hub(): Promise<Server> {
  let close = async () => {}
  return {
    async open() {
      await close()
      const scratch = new Scratch()
      const store = await SqliteStore.open({ path: scratch.path('hub.db') })
      const server = await serve({ port: 0, mounts: { '/sync': logHandler(store) } })
      close = async () => {
        await server.close()
        await store.close()
        scratch[Symbol.dispose]()
      }
      return server.url
    },
    close: () => close(),
  }
}

async function floor(parameters: Parameters): Promise<Contestant> {
  const events = Number(parameters.events)
  const server = await begin('pages', parameters)
  const prepared = inBatches(rowsOf(newEvents(events)).rows, pageRows).map(serialisePage)
  return {
    async round(): Promise<Sample> {
      const url = await server.call('open')
      const client = new BareClient()
      let stored = 0
      const start = performance.now()
      for (const page of prepared) stored += Number(await client.send(url, page))
      const milliseconds = performance.now() - start
      client.close()
      if (stored !== events) throw new Error(`${stored} rows were stored instead of ${events}`)
      return { events, milliseconds }
    },
    close: () => server.close(),
  }
}

/** Stores each page that comes in and answers with the number of its rows. */
async function pages(): Promise<Server> {
  let close = async () => {}
  return {
    async open() {
      await close()
      const scratch = new Scratch()
      const { db } = openTuned(scratch.path('hub.db'), 'full')
      const writer = new RowWriter(db)
      const server = await bareServer((_path, body) => {
        const rows = parsePage(body.toString())
        writer.write(rows)
        return Buffer.from(String(rows.length))
      })
      close = async () => {
        await server.close()
        db.close()
        scratch[Symbol.dispose]()
      }
      return server.url
    },
    close: () => close(),
  }
}

function begin(name: 'hub' | 'pages', parameters: Parameters): Promise<RemoteActor<Server>> {
  return RemoteActor.begin({ benchmark: 'P4', kind: 'servers', name, parameters })
}

const pageRows = 1_000
