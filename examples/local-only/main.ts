// A notebook that needs no network: append, read, decide, close, open again.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SyncNode } from 'rejoin'
import { SqliteStore } from 'rejoin/store/sqlite'

type Events = {
  NoteWritten: { text: string }
  NoteDeleted: null
}

const folder = await mkdtemp(join(tmpdir(), 'rejoin-local-only-'))
const path = join(folder, 'notes.db')

async function openNotebook(): Promise<SyncNode<Events>> {
  return new SyncNode<Events>({ store: await SqliteStore.open({ path, node: 'laptop' }) })
}

{
  await using notebook = await openNotebook()
  await notebook.append([
    { type: 'NoteWritten', aggregateId: 'shopping', data: { text: 'milk' } },
    { type: 'NoteWritten', aggregateId: 'shopping', data: { text: 'bread' } },
    { type: 'NoteWritten', aggregateId: 'ideas', data: { text: 'a boat' } },
  ])
  console.log('three notes are written, and flushed to the disk')
}

{
  await using notebook = await openNotebook()
  for await (const event of notebook.readAggregate('shopping'))
    if (event.type === 'NoteWritten') console.log(`after reopening: ${event.data.text}`)

  // An id of your own makes a repeat harmless, whatever crashed in between.
  const tea = {
    id: 'note-tea',
    type: 'NoteWritten',
    aggregateId: 'shopping',
    data: { text: 'tea' },
  } as const
  await notebook.append([tea])
  await notebook.append([tea])

  await notebook.decide('ideas', (history) =>
    history.some((event) => event.type === 'NoteDeleted')
      ? []
      : [{ type: 'NoteDeleted', aggregateId: 'ideas', data: null }],
  )

  const { events, aggregates } = await notebook.status()
  console.log(`the log holds ${events} events about ${aggregates} notes`)
}

await rm(folder, { recursive: true })
