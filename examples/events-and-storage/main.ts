// Events of your own, one SQLite file, and what the store refuses.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SyncNode } from 'rejoin'
import { RejoinError } from 'rejoin/errors'
import { SqliteStore, verifyStore } from 'rejoin/store/sqlite'
import { type OrderEvents, stateOf } from './orders.ts'

const folder = await mkdtemp(join(tmpdir(), 'rejoin-orders-'))
const path = join(folder, 'orders.db')
const store = await SqliteStore.open({ path, node: 'shop', durability: 'full' })
const shop = new SyncNode<OrderEvents>({ store })

const aggregateId = 'order-1'
const placed = await shop.append(
  [
    {
      type: 'OrderPlaced',
      aggregateId,
      data: { customer: 'Ann', cents: 1_250 },
      metadata: { channel: 'web' },
    },
  ],
  { expected: 'none' },
)
console.log(`order-1: ${placed.kind}`)

// Two clerks have read the same order. The second one is told, and nothing is stored.
const heads = await shop.heads(aggregateId)
const [paid, cancelled] = [
  await shop.append([{ type: 'OrderPaid', aggregateId, data: { cents: 1_250 } }], {
    expected: heads,
  }),
  await shop.append([{ type: 'OrderCancelled', aggregateId, data: { reason: 'slow' } }], {
    expected: heads,
  }),
]
console.log(`first clerk: ${paid.kind}, second clerk: ${cancelled.kind}`)
console.log(`order-1 is ${stateOf(await Array.fromAsync(shop.readAggregate(aggregateId)))}`)

try {
  await shop.append([{ type: 'OrderPaid', aggregateId: '', data: { cents: 1 } }])
} catch (error) {
  if (error instanceof RejoinError) console.log(`${error.code}: ${error.message}`)
}

for await (const { position, event } of shop.read())
  console.log(`${position} ${event.type} ${event.dataText} ${JSON.stringify(event.metadata)}`)

await store.backup(join(folder, 'backup.db'))
await shop.close()
const { events, problems } = await verifyStore(join(folder, 'backup.db'))
console.log(`the backup holds ${events} events and has ${problems.length} problems`)
await rm(folder, { recursive: true })
