import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemRuntime, uuidv7 } from '../../src/runtime/index.ts'
import { RemoteActor } from '../actor.ts'
import type { Contestant, Parameters, Sample, Server } from '../benchmark.ts'
import type { Durability } from '../floor/tuned-database.ts'
import { Scratch } from '../scratch.ts'
import { inBatches, newEvents } from '../workload.ts'
import { levelAt } from './level.ts'
import { expressPouch, type PouchDatabase, type PouchDocument, pouch } from './libraries.ts'

/** Documents into a PouchDB on LevelDB, with ids in the order they are written in, as ours are. */
export async function pouchAppend(parameters: Parameters): Promise<Contestant> {
  const events = Number(parameters.events)
  const batches = inBatches(documents(events), Number(parameters.batch))
  const Pouch = pouch()
  return {
    async round(): Promise<Sample> {
      using scratch = new Scratch()
      const { db, settings } = levelAt(parameters.durability as Durability)
      const database = new Pouch(scratch.path('pouch'), { db })
      await database.info()
      const begin = performance.now()
      for (const each of batches) await write(database, each)
      const milliseconds = performance.now() - begin
      await holds(database, events)
      await database.close()
      return { events, milliseconds, settings: settings() }
    },
    close: async () => {},
  }
}

/** An empty PouchDB replicates from another over loopback HTTP, each write flushed. */
export async function pouchCatchUp(parameters: Parameters): Promise<Contestant> {
  const server = await begin('P3', parameters)
  return replicating(Number(parameters.events), server, async (database) => {
    const url = await server.call('open')
    const start = performance.now()
    await database.replicate.from(url, { batch_size: 1_000 })
    return { into: database, milliseconds: performance.now() - start }
  })
}

/** A PouchDB replicates to an empty one over loopback HTTP, each write flushed. */
export async function pouchPush(parameters: Parameters): Promise<Contestant> {
  const server = await begin('P4', { ...parameters, events: 0 })
  const mine = documents(Number(parameters.events))
  const Pouch = pouch()
  return replicating(Number(parameters.events), server, async (database) => {
    for (const each of inBatches(mine, 1_000)) await write(database, each)
    const url = await server.call('open')
    const start = performance.now()
    await database.replicate.to(url, { batch_size: 1_000 })
    const milliseconds = performance.now() - start
    return { into: new Pouch(url), milliseconds }
  })
}

/** A PouchDB behind express-pouchdb. With events it always opens the same database, without them a new one. */
export async function pouchHub(parameters: Parameters): Promise<Server> {
  const events = Number(parameters.events)
  const scratch = new Scratch()
  const Pouch = pouch().defaults({ prefix: scratch.path(''), db: levelAt('full').db })
  if (events > 0) {
    const database = new Pouch('full')
    for (const each of inBatches(documents(events), 1_000)) await write(database, each)
  }
  // Without compression, which would cost it time to save bytes that are free here.
  const overrideMode = { exclude: ['compression'] }
  const options = { mode: 'minimumForPouchDB', overrideMode, inMemoryConfig: true } as const
  const server = createServer(expressPouch()(Pouch, options))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  let opened = 0
  return {
    open: async () => `http://127.0.0.1:${port}/${events > 0 ? 'full' : `empty-${++opened}`}`,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      scratch[Symbol.dispose]()
    },
  }
}

type Replication = (
  database: PouchDatabase,
) => Promise<{ readonly into: PouchDatabase; readonly milliseconds: number }>

function replicating(
  events: number,
  server: RemoteActor<Server>,
  replicate: Replication,
): Contestant {
  const Pouch = pouch()
  return {
    async round(): Promise<Sample> {
      using scratch = new Scratch()
      const { db, settings } = levelAt('full')
      const database = new Pouch(scratch.path('replica'), { db })
      await database.info()
      const { into, milliseconds } = await replicate(database)
      await holds(into, events)
      await database.close()
      return { events, milliseconds, settings: settings() }
    },
    close: () => server.close(),
  }
}

function begin(benchmark: string, parameters: Parameters): Promise<RemoteActor<Server>> {
  return RemoteActor.begin({ benchmark, kind: 'servers', name: 'pouchHub', parameters })
}

function documents(count: number): PouchDocument[] {
  const freshId = uuidv7(systemRuntime)
  return newEvents(count).map(({ type, aggregateId, data }) => ({
    _id: freshId(),
    type,
    aggregateId,
    data,
  }))
}

async function write(database: PouchDatabase, documents: readonly PouchDocument[]): Promise<void> {
  const answers = await database.bulkDocs(documents)
  const refused = answers.find(({ error }) => error !== undefined)
  if (refused !== undefined) throw new Error(`PouchDB refused: ${JSON.stringify(refused)}`)
}

/** A round that lost something has measured nothing. */
async function holds(database: PouchDatabase, events: number): Promise<void> {
  const { doc_count } = await database.info()
  if (doc_count !== events)
    throw new Error(`${doc_count} documents were stored instead of ${events}`)
}
