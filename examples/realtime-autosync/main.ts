// Three clients that sync by themselves: one follows the hub, two ask it now and then, and one of these goes offline.
import { SyncNode, type SyncNodeOptions } from 'rejoin'
import { serve } from 'rejoin/server'
import { MemoryStore } from 'rejoin/store/memory'
import { httpTransport, logHandler } from 'rejoin/transport/http'

type Events = { TaskAdded: { title: string } }

const hub = await MemoryStore.open({ node: 'hub' })
const server = await serve({ mounts: { '/sync': logHandler(hub) }, port: 0 })

let isOnline = true
const phone = await client('phone', { realtime: true })
const tablet = await client('tablet', { interval: 200 }, (...request) =>
  isOnline ? fetch(...request) : Promise.reject(new TypeError('no network')),
)
const wall = await client('wall', { interval: 500 })

await add(phone, 'sweep')
await everybodyHas(1)
console.log(`wall: ${await titles(wall)}`)

isOnline = false
await add(tablet, 'cook')
await add(phone, 'paint')
await until(tablet, async () => (await tablet.explain()).blocked?.cause === 'unreachable')
await until(wall, async () => (await held(wall)) === 2)
console.log(`wall: ${await titles(wall)}; tablet: ${await titles(tablet)}`)
const { unsent, blocked } = await tablet.explain()
const isTriedAgain = blocked?.nextAttempt !== undefined
console.log(`tablet: ${unsent?.count} unsent, ${blocked?.cause}, tries again: ${isTriedAgain}`)

isOnline = true
tablet.nudge() // in a browser: addEventListener('online', () => tablet.nudge())
await everybodyHas(3)
console.log(`wall: ${await titles(wall)}; tablet: ${await titles(tablet)}`)

for (const node of [phone, tablet, wall]) {
  const { remotes } = await node.close()
  console.log(`${remotes[0]?.unsent?.count} unsent`)
}
await server.close()
await hub.close()

async function client(
  name: string,
  options: Partial<SyncNodeOptions<Events>>,
  way: typeof fetch = fetch,
): Promise<SyncNode<Events>> {
  const store = await MemoryStore.open({ node: name })
  const transport = httpTransport({ url: server.url, fetch: way })
  return new SyncNode<Events>({ store, transport, retry: false, autoStart: true, ...options })
}

async function add(node: SyncNode<Events>, title: string): Promise<void> {
  await node.append([{ type: 'TaskAdded', aggregateId: `task-${title}`, data: { title } }])
}

async function titles(node: SyncNode<Events>): Promise<string> {
  const found: string[] = []
  for await (const { event } of node.read()) found.push((event.data as { title: string }).title)
  return found.toSorted().join(', ')
}

async function everybodyHas(count: number): Promise<void> {
  for (const node of [phone, tablet, wall])
    await until(node, async () => (await held(node)) === count)
}

async function held(node: SyncNode<Events>): Promise<number> {
  return Number((await node.status()).events)
}

/** Looks again after each sync, and after what comes by itself. */
async function until(node: SyncNode<Events>, isSo: () => Promise<boolean>): Promise<void> {
  for (;;) {
    const { promise: told, resolve } = Promise.withResolvers<void>()
    const forget = node.subscribe(() => resolve())
    const isDone = await isSo()
    if (!isDone) await told
    forget()
    if (isDone) return
  }
}
