// Read models: balances, a total and a list by day, right again after events that come late.
import { SyncNode } from 'rejoin'
import { projection } from 'rejoin/projection'
import { MemoryStore } from 'rejoin/store/memory'
import { memoryTransport } from 'rejoin/transport/memory'

type Events = {
  CoffeeSold: { drink: string; cents: number; day: string }
  SaleCancelled: { cents: number; day: string }
}

/** Keyed by till, because each till is an aggregate. */
const tills = projection<Events, { sales: number; cents: number }>({
  name: 'tills',
  initial: { sales: 0, cents: 0 },
  on: {
    CoffeeSold: ({ sales, cents }, { data }) => ({ sales: sales + 1, cents: cents + data.cents }),
    SaleCancelled: ({ sales, cents }, { data }) => ({
      sales: sales - 1,
      cents: cents - data.cents,
    }),
  },
})

/** Keyed by what the events say, over all tills. */
const days = projection<Events, string[]>({
  name: 'days',
  key: (event) => event.data.day,
  initial: [],
  on: { CoffeeSold: (drinks, { data }) => [...drinks, data.drink] },
})

const hub = await MemoryStore.open({ node: 'hub' })
const openTill = async (node: string) =>
  new SyncNode<Events>({
    store: await MemoryStore.open({ node }),
    transport: memoryTransport(hub),
    projections: [tills, days],
  })

await using counter = await openTill('counter')
await using bar = await openTill('bar')

const sold = (aggregateId: string, drink: string, cents: number, day: string) =>
  ({ type: 'CoffeeSold', aggregateId, data: { drink, cents, day } }) as const

await bar.append([sold('bar', 'mocha', 420, 'monday')])
await counter.append([
  sold('counter', 'espresso', 250, 'monday'),
  sold('counter', 'latte', 380, 'tuesday'),
])

const totals = counter.project(tills)
const drinks = counter.project(days)
await totals.run()
await drinks.run()
console.log('counter sees', await totals.list().then(({ results }) => results))
console.log('monday:', await drinks.get('monday'))

// The bar was offline. What it sold was sold first, so it takes the first place.
await bar.sync()
await counter.sync()
await drinks.run()
console.log('monday, once the bar is back:', await drinks.get('monday'))

await counter.append([
  { type: 'SaleCancelled', aggregateId: 'counter', data: { cents: 380, day: 'tuesday' } },
])
await totals.run()
console.log('counter:', await totals.get('counter'))

// Effects: each event once for this name, wherever it left off.
const receipts = counter.follow({
  name: 'receipts',
  types: ['CoffeeSold'],
  handler: ({ event }) => {
    if (event.type === 'CoffeeSold') console.log(`receipt: ${event.data.drink}`)
  },
})
await receipts.run()

await totals.rebuild({
  onProgress: ({ done, total }) => console.log(`rebuilt: ${done} of ${total}`),
})
const { lag, state } = await totals.status()
console.log(`lag ${lag}, ${state}`)
