// A client and a server over HTTP, and what the client does while the server is away.
import { SyncNode, type SyncResult } from 'rejoin'
import { MemoryStore } from 'rejoin/store/memory'
import { httpTransport } from 'rejoin/transport/http'
import { serveHub } from './hub.ts'

type Events = { TaskAdded: { title: string } }

const hub = await MemoryStore.open({ node: 'hub' })
let server = await serveHub(hub)
const { port, url } = server

const client = new SyncNode<Events>({
  store: await MemoryStore.open({ node: 'client' }),
  transport: httpTransport({ url }),
})
client.subscribe((result) => console.log(`heard: ${sentence(result)}`))

await client.append([{ type: 'TaskAdded', aggregateId: 'list', data: { title: 'sweep' } }])
await client.sync()

await server.close()
await client.append([{ type: 'TaskAdded', aggregateId: 'list', data: { title: 'cook' } }])
await client.sync()
console.log(`${await unsynced()} event waits for the network`)

server = await serveHub(hub, port)
await client.sync()
console.log(`${await unsynced()} events wait for the network`)

await client.close()
await server.close()
await hub.close()

function sentence({ ok, pushed, pulled, errors }: SyncResult): string {
  if (ok) return `pushed ${pushed}, pulled ${pulled}`
  return errors
    .map(({ code, retryable }) => `${code}, ${retryable ? 'may pass' : 'stays'}`)
    .join('; ')
}

async function unsynced(): Promise<bigint> {
  const { links } = await client.status()
  return links.reduce((sum, link) => sum + link.unsynced, 0n)
}
