import { expect, it } from 'vitest'
import type { LogEvent } from '../event/index.ts'
import { type Journal, MemoryStore } from '../store/memory/index.ts'
import { memoryTransport } from '../transport/memory/index.ts'
import { syncOnce } from './index.ts'

/** A store whose commits are kept in `records`: what a copy is a copy of. */
async function open(node: string, records: string[] = []): Promise<MemoryStore> {
  const journal: Journal = {
    records: async () => [...records],
    append: async (record) => void records.push(record),
    close: async () => {},
  }
  return MemoryStore.open({ node, journal })
}

async function sync(from: MemoryStore, to: MemoryStore): Promise<void> {
  const { errors } = await syncOnce({ replica: from, transport: memoryTransport(to) })
  expect(errors).toEqual([])
}

const append = (store: MemoryStore, id: string) =>
  store.append([{ id, type: 'set', aggregateId: 'lamp' }])

async function idsOf(store: MemoryStore): Promise<readonly string[]> {
  const { entries } = await store.entries({})
  return entries.map(({ event }: { event: LogEvent }) => event.id)
}

it('S4: a copy gets what its original brought while both still passed for one', async () => {
  const records: string[] = []
  const laptop = await open('laptop', records)
  const hub = await open('hub')
  await append(laptop, 'first')
  await sync(laptop, hub)
  const copy = await open('laptop', [...records])

  // The copy has greeted; then its original brings something, which the page leaves out as its own.
  const transport = memoryTransport(hub)
  const late = {
    ...transport,
    async pull(...args: Parameters<typeof transport.pull>) {
      await append(laptop, 'second')
      await sync(laptop, hub)
      return transport.pull(...args)
    },
  }
  await syncOnce({ replica: copy, transport: late })
  await sync(copy, hub)
  expect(await idsOf(copy)).toEqual(['first', 'second'])
})

it('S4: a copy is noticed by whoever has only pulled from its original', async () => {
  const records: string[] = []
  const hub = await open('hub', records)
  const middle = await open('middle')
  const edge = await open('edge')
  await append(hub, 'first')
  await sync(middle, hub)
  const copy = await open('hub', [...records])
  await append(edge, 'second')
  await sync(edge, hub)
  await sync(middle, hub)

  await sync(copy, middle)
  expect(await idsOf(copy)).toEqual(['first', 'second'])
  expect((await copy.identity()).origin).not.toBe((await hub.identity()).origin)
})

it('S4: a copy that is only ever called is noticed by its caller', async () => {
  const records: string[] = []
  const laptop = await open('laptop', records)
  const middle = await open('middle')
  await append(laptop, 'first')
  await sync(laptop, middle)
  const copy = await open('laptop', [...records])
  await append(laptop, 'second')
  await sync(laptop, middle)

  await sync(middle, copy)
  expect(await idsOf(copy)).toEqual(['first', 'second'])
  expect((await copy.identity()).origin).not.toBe((await laptop.identity()).origin)
})
