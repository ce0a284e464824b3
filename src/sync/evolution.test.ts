import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { MemoryStore } from '../store/memory/index.ts'
import { SyncNode } from './index.ts'

type Events = { Noted: { lines: string[] }; Deleted: null }
const upcasters = { Noted: [(one: { text: string }) => ({ lines: [one.text] })] } as const
const note = { type: 'Noted' as const, aggregateId: 'n', data: { lines: ['new'] } }

describe('a node with upcasters', () => {
  it('writes the current version, and reads every version as the current one', async () => {
    const { node, store } = await open()
    await store.append([{ type: 'Noted', aggregateId: 'n', data: { text: 'old' } }])
    const { events } = await node.append([note, { type: 'Deleted', aggregateId: 'n', data: null }])
    expect(events.map((event) => event.schemaVersion)).toEqual([2, 1])
    const read = await Array.fromAsync(node.read())
    expect(read.map(({ event }) => event.data)).toEqual([{ lines: ['old'] }, note.data, null])
    expect(read.map(({ event }) => event.schemaVersion)).toEqual([1, 2, 1])
    const decided = await node.decide('n', (history) => {
      expect(history.map((event) => event.data)).toEqual([{ lines: ['old'] }, note.data, null])
      return []
    })
    expect(decided.tries).toBe(1)
  })

  it('answers an append of what is known in the current version too', async () => {
    const { node, store } = await open()
    const old = { id: 'x', type: 'Noted', aggregateId: 'n', schemaVersion: 1, data: { text: 'o' } }
    await store.append([old])
    const { events } = await node.append([old as never])
    expect(events[0]?.data).toEqual({ lines: ['o'] })
    expect((await store.status()).events).toBe(1n)
  })

  it('refuses to append a version that it does not have, and stores nothing', async () => {
    const { node, store } = await open()
    const appended = node.append([note, { ...note, schemaVersion: 3 }])
    await expect(appended).rejects.toMatchObject({
      code: 'invalid_event',
      details: { index: 1, type: 'Noted', field: 'schemaVersion' },
    })
    await expect(node.append([{ ...note, schemaVersion: 'x' as never }])).rejects.toMatchObject({
      code: 'invalid_event',
    })
    expect((await store.status()).events).toBe(0n)
  })

  it('shows newer events as such, and decides nothing on them', async () => {
    const { node, store } = await open()
    await store.append([{ type: 'Noted', aggregateId: 'n', schemaVersion: 3, data: { rich: 1 } }])
    const read = await Array.fromAsync(node.readAggregate('n'))
    expect(read.map(({ newer, data }) => ({ newer, data }))).toEqual([
      { newer: true, data: { rich: 1 } },
    ])
    const decided = node.decide('n', () => [note])
    await expect(decided).rejects.toMatchObject({
      code: 'event_newer',
      details: { type: 'Noted', version: 3 },
    })
    expect((await store.status()).events).toBe(1n)
  })

  it('checks new data by its schemas as ever', async () => {
    const validation = { Noted: z.object({ lines: z.array(z.string()) }) }
    const node = new SyncNode({ store: await MemoryStore.open(), validation, upcasters })
    const { events } = await node.append([note])
    expect(events[0]?.schemaVersion).toBe(2)
    await expect(node.append([{ ...note, data: {} as never }])).rejects.toThrow(/data\.lines/)
  })
})

it('without upcasters, schema versions are the application’s own business', async () => {
  const node = new SyncNode({ store: await MemoryStore.open() })
  await node.append([{ ...note, schemaVersion: 7 }])
  const [event] = await Array.fromAsync(node.readAggregate('n'))
  expect(event).toMatchObject({ newer: false, schemaVersion: 7, data: note.data })
})

async function open() {
  const store = await MemoryStore.open()
  return { store, node: new SyncNode<Events>({ store, upcasters }) }
}
