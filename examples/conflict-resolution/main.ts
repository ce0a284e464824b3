// Three clients write to one product while they are apart; rules say what that means, on each of them.
import { type NewEventOf, SyncNode } from 'rejoin'
import { type Conflict, defineRules } from 'rejoin/conflict'
import { systemRuntime } from 'rejoin/runtime'
import { MemoryStore } from 'rejoin/store/memory'
import { memoryTransport } from 'rejoin/transport/memory'

type Events = {
  TitleSet: { title: string }
  DetailsChanged: { colour?: string; weight?: number }
  PriceSet: { cents: number }
  StockCounted: { pieces: number }
  NoteAdded: { text: string }
}

const rules = defineRules({
  resolvers: { lowest },
  rules: [
    { name: 'titles', when: { type: 'TitleSet' }, resolve: 'last-write-wins' },
    { name: 'details', when: { type: 'DetailsChanged' }, resolve: 'merge-fields' },
    { name: 'prices', when: { type: 'PriceSet' }, resolve: 'manual-review' },
    { name: 'stock', when: { type: 'StockCounted' }, resolve: 'lowest' },
  ],
  // All the rest counts: notes add to each other.
  fallback: 'additive',
})

// A clock that is a second later at each look, so that this prints the same each time.
let time = Date.UTC(2026, 2, 1)
const runtime = { ...systemRuntime, now: () => (time += 1_000) }

const hub = await MemoryStore.open({ node: 'hub', runtime })
const [shop, office, depot] = [await client('shop'), await client('office'), await client('depot')]
const clients = { shop, office, depot }

await shop.append([about('TitleSet', { title: 'Tea' })])
await syncAll()

// Nobody hears of the others.
await shop.append([about('TitleSet', { title: 'Green tea' }), about('PriceSet', { cents: 300 })])
await shop.append([
  about('DetailsChanged', { colour: 'green' }),
  about('NoteAdded', { text: 'new box' }),
])
await office.append([about('PriceSet', { cents: 350 }), about('NoteAdded', { text: 'ask Ann' })])
await office.append([about('StockCounted', { pieces: 12 })])
await depot.append([about('DetailsChanged', { weight: 100 }), about('StockCounted', { pieces: 9 })])
await depot.append([about('TitleSet', { title: 'Tea, green' })])

await shop.sync()
await office.sync()
const { conflictsResolved, conflictsToReview } = await depot.sync()
console.log(`depot: ${conflictsResolved} conflicts resolved, ${conflictsToReview} to review`)
await syncAll()

for await (const { key, resolver, outcome, superseded, reasons } of office.conflicts())
  console.log(
    [`${key}: ${outcome} by ${resolver}`, `${superseded.length} left out`, ...reasons].join('; '),
  )

for (const [name, node] of Object.entries(clients)) console.log(`${name}: ${await shown(node)}`)

// A person answers the review, and takes one decision of the rules back.
await office.decide('tea', () => [about('PriceSet', { cents: 320 })])
for await (const { superseded } of office.conflicts({ type: 'TitleSet' }))
  for (const lost of superseded) await office.restore(lost)
await syncAll()
for (const [name, node] of Object.entries(clients)) console.log(`${name}: ${await shown(node)}`)
const open = await Array.fromAsync(depot.conflicts({ open: true }))
console.log(`open conflicts: ${open.length}`)

await Promise.all([shop.close(), office.close(), depot.close()])
await hub.close()

/** A strategy of our own: of several counts, the lowest is the safe one. */
function lowest({ branches }: Conflict) {
  const counts = branches.map(({ head }) => (head.data as Events['StockCounted']).pieces)
  const least = Math.min(...counts)
  return { kind: 'keep', winners: [counts.indexOf(least)], reasons: [`${least} is safe`] } as const
}

async function client(node: string) {
  const store = await MemoryStore.open({ node, runtime })
  return new SyncNode<Events>({ store, transport: memoryTransport(hub), rules })
}

function about<Type extends keyof Events>(type: Type, data: Events[Type]) {
  return { type, aggregateId: 'tea', data } as NewEventOf<Events>
}

async function syncAll() {
  for (let round = 0; round < 2; round++)
    for (const node of Object.values(clients)) await node.sync()
}

/** The product as its history says: what comes later replaces what came before, and notes add up. */
async function shown(node: SyncNode<Events>) {
  const product: Record<string, unknown> = {}
  const notes: string[] = []
  for (const { type, data } of await node.history('tea'))
    if (type === 'NoteAdded') notes.push(data.text)
    else Object.assign(product, data)
  return JSON.stringify({ ...product, notes: notes.sort() })
}
