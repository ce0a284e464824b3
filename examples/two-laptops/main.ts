// Two laptops and no server: they meet now and then, and write to the same document in between.
import { SyncNode } from 'rejoin'
import { MemoryStore } from 'rejoin/store/memory'
import { memoryTransport } from 'rejoin/transport/memory'

type Events = { LineAdded: { text: string } }

const [annStore, bobStore] = [
  await MemoryStore.open({ node: 'ann' }),
  await MemoryStore.open({ node: 'bob' }),
]
// One of the two asks, the other answers; which one does not matter.
const ann = new SyncNode<Events>({ store: annStore, transport: memoryTransport(bobStore) })
const bob = new SyncNode<Events>({ store: bobStore })

const line = (text: string) => ({ type: 'LineAdded', aggregateId: 'poem', data: { text } }) as const

await ann.append([line('Roses are red')])
const first = await ann.sync()
console.log(`they meet: ann gives ${first.pushed} and gets ${first.pulled}`)

await ann.append([line('Violets are blue')])
await bob.append([line('Violets are violet')])
const second = await ann.sync()
console.log(`they meet again: ann gives ${second.pushed} and gets ${second.pulled}`)

for (const [name, laptop] of Object.entries({ ann, bob }))
  console.log(
    `${name} has ${await lines(laptop)} lines, ${(await laptop.heads('poem')).length} of them latest`,
  )

// A line written with both versions in view continues both.
await bob.append([line('Or so they tell me')])
await ann.sync()
const [mine, theirs] = [await ann.heads('poem'), await bob.heads('poem')]
console.log(
  `one latest line again, the same on both: ${mine.length === 1 && mine[0] === theirs[0]}`,
)

await Promise.all([ann.close(), bob.close()])

async function lines(laptop: SyncNode<Events>): Promise<number> {
  return (await Array.fromAsync(laptop.readAggregate('poem'))).length
}
