// Devices that sync only their part of a log, and what they know of the rest.
import { SyncNode, type SyncNodeOptions } from 'rejoin'
import { MemoryStore } from 'rejoin/store/memory'
import { memoryTransport } from 'rejoin/transport/memory'
import { history, type ShopEvents } from './shop.ts'

type Filter = NonNullable<SyncNodeOptions<ShopEvents>['filter']>

const hub = await MemoryStore.open({ node: 'hub' })
await hub.append(history)

await show('everything')
await show('one company', { tenant: 'acme' })
await show('orders, by name', { aggregates: ['acme-order-*'] })
await show('orders, by type', { types: ['OrderPlaced'] })
await show('urgent', { metadata: { priority: { gte: 5 } } })
await show('large orders', {
  key: 'large-orders-1',
  matches: (event) => event.type === 'OrderPlaced' && event.data.pieces > 1,
})

// The same store, first with a narrow filter, then with a wider one: what was withheld comes after.
const phone = await MemoryStore.open({ node: 'phone' })
await syncAs(phone, { metadata: { priority: { gte: 5 } } })
const before = await contents(phone)
await syncAs(phone, { metadata: { priority: { gte: 2 } } })
console.log(
  `a wider filter fills in what it may see now: ${before} events, then ${await contents(phone)}`,
)
await Promise.all([phone.close(), hub.close()])

async function show(what: string, filter?: Filter): Promise<void> {
  const store = await MemoryStore.open({ node: 'device' })
  await syncAs(store, filter)
  const { events } = await store.status()
  const seen = await contents(store)
  console.log(`${what}: ${seen} events, and ${Number(events) - seen} whose content is withheld`)
  await store.close()
}

async function syncAs(store: MemoryStore, filter?: Filter): Promise<void> {
  const transport = memoryTransport(hub)
  const node = new SyncNode<ShopEvents>({ store, transport, ...(filter && { filter }) })
  const { ok, errors } = await node.sync()
  if (!ok) throw errors[0]
}

async function contents(store: MemoryStore): Promise<number> {
  const { entries } = await store.entries()
  return entries.filter(({ event }) => event.stub === null).length
}
