// Two releases of one application share a hub: the new one changed what a note looks like.
import { SyncNode } from 'rejoin'
import { MemoryStore } from 'rejoin/store/memory'
import { memoryTransport } from 'rejoin/transport/memory'

type Note1 = { text: string }
type Note2 = { title: string; body: string }

const hub = await MemoryStore.open({ node: 'hub' })

// Release 1: a note is a text. It says that it knows about versions, and has nothing to convert yet.
const laptopStore = await MemoryStore.open({ node: 'laptop' })
const laptop = new SyncNode<{ NoteWritten: Note1 }>({
  store: laptopStore,
  transport: memoryTransport(hub),
  upcasters: {},
})

// Release 2: a note has a title and a body. The function reads what release 1 wrote.
const release2 = {
  NoteWritten: [
    ({ text }: Note1): Note2 => {
      const [title = '', ...body] = text.split('\n')
      return { title, body: body.join('\n') }
    },
  ],
} as const
const phone = new SyncNode<{ NoteWritten: Note2 }>({
  store: await MemoryStore.open({ node: 'phone' }),
  transport: memoryTransport(hub),
  upcasters: release2,
})

await laptop.append([
  { type: 'NoteWritten', aggregateId: 'note-1', data: { text: 'Shopping\nmilk, bread' } },
])
await laptop.sync()
await phone.sync()
for await (const { data, schemaVersion } of phone.readAggregate('note-1'))
  console.log(`phone reads version ${schemaVersion}: ${data.title}: ${data.body}`)

await phone.append([
  { type: 'NoteWritten', aggregateId: 'note-1', data: { title: 'Shopping', body: 'and tea' } },
])
await phone.sync()
await laptop.sync()
for await (const event of laptop.readAggregate('note-1'))
  console.log(
    event.newer
      ? `laptop keeps version ${event.schemaVersion}, which it does not understand`
      : `laptop reads: ${JSON.stringify(event.data.text)}`,
  )

// Deciding on what it can't read would be guessing.
await laptop
  .decide('note-1', () => [])
  .catch((error) => console.log(`laptop can't decide: ${error.code}`))

// The laptop is upgraded: the same store, new code.
const upgraded = new SyncNode<{ NoteWritten: Note2 }>({
  store: laptopStore,
  transport: memoryTransport(hub),
  upcasters: release2,
})
for await (const { data } of upgraded.readAggregate('note-1'))
  console.log(`upgraded laptop reads: ${data.title}: ${data.body}`)

await Promise.all([upgraded.close(), phone.close()])
