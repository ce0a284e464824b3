import { serve } from '../src/server/index.ts'
import { SqliteStore } from '../src/store/sqlite/sqlite-store.ts'
import { SyncNode } from '../src/sync/index.ts'
import { httpTransport, logHandler } from '../src/transport/http/index.ts'
import { RemoteActor } from './actor.ts'
import type { Contestant, Parameters, Sample, Server } from './benchmark.ts'
import { Scratch } from './scratch.ts'
import { settingsOfOurs } from './settings.ts'
import { filledStore } from './stores.ts'
import { newEvents } from './workload.ts'

/** An empty replica follows a hub: measured until it has caught up with what is being appended there. */
export async function liveCatchUp(parameters: Parameters): Promise<Contestant> {
  const role = { benchmark: 'P3', kind: 'servers', name: 'busyHub', parameters } as const
  const server = await RemoteActor.begin<BusyHub>(role)
  return {
    async round(): Promise<Sample> {
      using scratch = new Scratch()
      const path = scratch.path('replica.db')
      const store = await SqliteStore.open({ path })
      const transport = httpTransport({ url: await server.call('open'), live: 'sse' })
      await using node = new SyncNode({ store, transport, realtime: true })
      const start = performance.now()
      node.startAutoSync()
      await goesLive(node)
      const milliseconds = performance.now() - start
      const events = Number((await node.status()).events)
      const appended = await server.call('rest')
      if (events < Number(parameters.events)) throw new Error(`only ${events} events came`)
      const notes = { 'appended meanwhile': appended }
      return { events, milliseconds, settings: await settingsOfOurs(path, 'full'), notes }
    },
    close: () => server.close(),
  }
}

/** Between `open` and `rest` it appends so many events a second, each by itself and flushed. */
export interface BusyHub extends Server {
  /** Answers with how many it has appended since `open`. */
  rest(): Promise<number>
}

export async function busyHub({ events, rate }: Parameters): Promise<BusyHub> {
  const scratch = new Scratch()
  const store = await filledStore(scratch.path('hub.db'), newEvents(Number(events)))
  const server = await serve({ port: 0, mounts: { '/sync': logHandler(store) } })
  const further = newEvents(1_000)
  let appends: Promise<unknown>[] = []
  let timer: NodeJS.Timeout | undefined
  return {
    async open() {
      const began = performance.now()
      appends = []
      timer = setInterval(() => {
        // What is late is made up for: a busy process lets timers slip.
        const due = Math.floor(((performance.now() - began) / 1_000) * Number(rate))
        while (appends.length < due) {
          const event = further[appends.length % further.length]
          appends.push(store.append(event === undefined ? [] : [event]))
        }
      }, 5)
      return server.url
    },
    async rest() {
      clearInterval(timer)
      await Promise.all(appends)
      return appends.length
    },
    async close() {
      await server.close()
      await store.close()
      scratch[Symbol.dispose]()
    },
  }
}

function goesLive(node: SyncNode): Promise<void> {
  const [link] = node.links()
  return new Promise((resolve, reject) => {
    link?.onTransition(({ to, code }) => {
      if (to === 'live') resolve()
      if (to === 'waiting') reject(new Error(`the link failed: ${code}`))
    })
  })
}
