import { expect, it } from 'vitest'
import { defineRules } from '../conflict/index.ts'
import { Projections } from '../projection/index.ts'
import { MemoryStore } from '../store/memory/index.ts'
import { SqliteStore } from '../store/sqlite/index.ts'
import { memoryTransport } from '../transport/memory/index.ts'
import { SyncNode } from './index.ts'

interface Events {
  TitleSet: { title: string }
  NoteWritten: { text: string }
  NoteDeleted: null
}

it('a read model is typed by the events of its node, and follows appends and syncs', async () => {
  const hub = await MemoryStore.open({ node: 'hub' })
  await using laptop = await nodeOf(hub, 'a')
  await using desktop = await nodeOf(hub, 'b')
  const notes = laptop.project({
    name: 'notes',
    initial: { texts: [] as string[] },
    on: {
      NoteWritten: (note, event) => ({ texts: [...note.texts, event.data.text] }),
      NoteDeleted: () => undefined,
    },
  })
  await laptop.append([
    written('one'),
    { type: 'NoteWritten', aggregateId: 'b', data: { text: 'x' } },
  ])
  await notes.run()
  const found: { texts: string[] } | undefined = await notes.get('a')
  expect(found).toEqual({ texts: ['one'] })
  await desktop.append([written('two')])
  await desktop.sync()
  await laptop.sync()
  await notes.run()
  expect(await notes.get('a')).toEqual({ texts: ['one', 'two'] })
  await laptop.append([{ type: 'NoteDeleted', aggregateId: 'a', data: null }])
  await notes.run()
  expect(await notes.get('a')).toBeUndefined()
  expect((await notes.list()).results).toEqual([{ key: 'b', value: { texts: ['x'] } }])
})

it('follows appends and syncs without being asked', async () => {
  const hub = await MemoryStore.open({ node: 'hub' })
  await using laptop = await nodeOf(hub, 'a')
  await using desktop = await nodeOf(hub, 'b')
  const notes = laptop.project(counting)
  await laptop.append([written('one')])
  await expect.poll(() => notes.get('a')).toBe(1)
  await desktop.append([written('two')])
  await desktop.sync()
  await laptop.sync()
  await expect.poll(() => notes.get('a')).toBe(2)
})

it('of one’s own runs when it is told to: after each sync, and at no other time', async () => {
  const hub = await MemoryStore.open({ node: 'hub' })
  const store = await MemoryStore.open({ node: 'a' })
  await using node = new SyncNode<Events>({ store, transport: memoryTransport(hub) })
  await using after = new Projections({ store })
  const notes = after.project<Events, number>(counting)
  let ran = Promise.resolve()
  node.subscribe(() => {
    ran = after.run()
  })
  await node.append([written('one')])
  await hub.append([written('two')])
  // As long as one that follows would take.
  const following = node.project({ ...counting, name: 'following' })
  await expect.poll(() => following.get('a')).toBe(1)
  expect(await notes.get('a')).toBeUndefined()
  await node.sync()
  await ran
  expect(await notes.get('a')).toBe(2)
})

it('what loses a conflict is taken out of the read models of all nodes, and subscribers are told', async () => {
  const hub = await MemoryStore.open({ node: 'hub' })
  await using laptop = await nodeOf(hub, 'a')
  await using desktop = await nodeOf(hub, 'b')
  const titles = [laptop, desktop].map((node) =>
    node.project({
      name: 'titles',
      initial: [] as string[],
      on: { TitleSet: (titles, { data }) => [...titles, data.title] },
    }),
  )
  const told: string[] = []
  const mails = laptop.follow({
    name: 'mails',
    handler: ({ kind, event }) => {
      if (event.type === 'TitleSet') told.push(`${kind} ${event.data.title}`)
    },
  })
  await laptop.append([titled('first')])
  await mails.run()
  await desktop.append([titled('second')])
  for (const node of [laptop, desktop, laptop]) await node.sync()
  for (const model of titles) {
    await model.run()
    expect(await model.get('a')).toEqual(['second'])
  }
  await mails.run()
  expect(told).toEqual(['event first', 'event second', 'superseded first'])
})

it('an upcaster that is new folds everything anew, and what is newer than the code waits for it', async () => {
  const path = ':memory:'
  const store = await SqliteStore.open({ path })
  const kept = notClosed(store)
  const options = {
    name: 'sizes',
    initial: 0,
    on: { Sized: (sum: number, { data }: { data: unknown }) => sum + (data as { cm: number }).cm },
  }
  {
    await using old = new SyncNode({ store: kept, upcasters: { Sized: [] } })
    await old.append([{ type: 'Sized', aggregateId: 'a', data: { cm: 3 } }])
    await store.append([{ type: 'Sized', aggregateId: 'a', data: { mm: 50 }, schemaVersion: 2 }])
    const sizes = old.project(options)
    await sizes.run()
    expect(await sizes.get('a')).toBe(3)
  }
  const inMillimetres = (data: unknown) => ({ mm: (data as { cm: number }).cm * 10 })
  await using node = new SyncNode({ store, upcasters: { Sized: [inMillimetres] } })
  const on = {
    Sized: (sum: number, { data }: { data: unknown }) => sum + (data as { mm: number }).mm,
  }
  const sizes = node.project({ ...options, on })
  await sizes.run()
  expect(await sizes.get('a')).toBe(80)
})

it('a closed node has no read models any more, and an idle one is closed at once', async () => {
  const node = new SyncNode<Events>({ store: await MemoryStore.open() })
  const notes = node.project({ name: 'notes', initial: 0, on: { NoteWritten: (n) => n + 1 } })
  await node.close()
  await expect(notes.run()).rejects.toMatchObject({ code: 'closed' })
  expect(() => node.project({ name: 'others', initial: 0, on: {} })).toThrow('closed')
})

/** Where stamps are the same, names decide. */
async function nodeOf(hub: MemoryStore, node: string): Promise<SyncNode<Events>> {
  return new SyncNode<Events>({
    store: await MemoryStore.open({ node }),
    transport: memoryTransport(hub),
    rules: defineRules({
      rules: [{ name: 'titles', when: { type: 'TitleSet' }, resolve: 'last-write-wins' }],
    }),
  })
}

/** The same store for two nodes, one after the other. */
function notClosed(store: SqliteStore): SqliteStore {
  return new Proxy(store, {
    get: (target, name) => {
      if (name === 'close') return async () => {}
      const member: unknown = Reflect.get(target, name, target)
      return typeof member === 'function' ? member.bind(target) : member
    },
  })
}

const counting = {
  name: 'counting',
  initial: 0,
  on: { NoteWritten: (count: number) => count + 1 },
}
const written = (text: string) =>
  ({ type: 'NoteWritten', aggregateId: 'a', data: { text } }) as const
const titled = (title: string) => ({ type: 'TitleSet', aggregateId: 'a', data: { title } }) as const
