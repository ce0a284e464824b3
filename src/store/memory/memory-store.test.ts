import { describe, expect, it } from 'vitest'
import { arrayJournal } from '../../../test/acceptance/array-journal.ts'
import { systemRuntime } from '../../runtime/index.ts'
import { stubOf, writer } from '../../testing/acceptance/event-store/elsewhere.ts'
import { type Journal, MemoryStore } from './index.ts'

const note = { type: 'noted', aggregateId: 'a' }

describe('a memory store', () => {
  it('draws a node id unless it is given one', async () => {
    const [one, two] = [await MemoryStore.open(), await MemoryStore.open()]
    const nodes = [(await one.identity()).node, (await two.identity()).node]
    expect(nodes[0]).toMatch(/^n[0-9a-f]{16}$/)
    expect(nodes[1]).not.toBe(nodes[0])
    expect((await (await MemoryStore.open({ node: 'A.b-c_9' })).identity()).node).toBe('A.b-c_9')
  })

  it('refuses what is no node id', async () => {
    for (const node of ['', 'a b', 'ä', 'a~b', 'x'.repeat(256)])
      await expect(MemoryStore.open({ node })).rejects.toMatchObject({ code: 'invalid_argument' })
  })

  it('is not opened once its signal has aborted, also while the journal is read', async () => {
    const reason = new Error('changed my mind')
    const signal = AbortSignal.abort(reason)
    await expect(MemoryStore.open({ signal })).rejects.toBe(reason)
    const controller = new AbortController()
    const written: string[] = []
    const journal: Journal = {
      records: async () => {
        controller.abort(reason)
        return []
      },
      append: async (record) => void written.push(record),
      close: async () => {},
    }
    const opening = MemoryStore.open({ journal, signal: controller.signal })
    await expect(opening).rejects.toBe(reason)
    expect(written).toEqual([])
  })

  it('holds to the limits it is given', async () => {
    const store = await MemoryStore.open({ limits: { eventBytes: 10, idBytes: 4 } })
    const refused = { code: 'invalid_event' }
    await expect(store.append([{ ...note, data: '123456789' }])).rejects.toMatchObject(refused)
    await expect(store.append([{ ...note, id: '12345' }])).rejects.toMatchObject(refused)
    await store.append([{ ...note, id: '1234', type: 'n', data: '12345678' }])
  })

  it('does not give an event the id of another when its random numbers repeat', async () => {
    const runtime = {
      ...systemRuntime,
      now: () => 1_777_636_800_000,
      randomBytes: (length: number) => new Uint8Array(length).fill(7),
    }
    const [one, two] = [await MemoryStore.open({ runtime }), await MemoryStore.open({ runtime })]
    const appended = await one.append([note])
    if (appended.kind !== 'appended') throw new Error('stale')
    await two.apply({ via: writer().origin, role: 'pulled', changes: appended.events })
    await expect(two.append([note])).rejects.toMatchObject({ code: 'internal' })
  })
})

describe('a journal', () => {
  it('gets one record for each commit that changes something, and none for the rest', async () => {
    const records: string[] = []
    const store = await MemoryStore.open({ journal: arrayJournal(records) })
    expect(records).toHaveLength(1)
    await store.append([note, note, note])
    expect(records).toHaveLength(2)
    await store.append([])
    await store.append([note], { expected: 'none' })
    await store.entries({})
    expect(records).toHaveLength(2)
    expect(records.every((record) => !record.includes('\n'))).toBe(true)
  })

  it('keeps the node the store was made with', async () => {
    const records: string[] = []
    await MemoryStore.open({ node: 'first', journal: arrayJournal(records) })
    const store = await MemoryStore.open({ node: 'second', journal: arrayJournal(records) })
    expect((await store.identity()).node).toBe('first')
    expect(records).toHaveLength(1)
  })

  it('is read again whatever it holds: stubs, fillings, large events', async () => {
    const records: string[] = []
    const limits = { eventBytes: 4 * 1024 * 1024, jsonDepth: 500 }
    const store = await MemoryStore.open({ limits, journal: arrayJournal(records) })
    const there = writer()
    const [one, two] = [there.write(), there.write()]
    const via = there.origin
    await store.apply({ via, role: 'pulled', changes: [stubOf(one), stubOf(two)] })
    await store.apply({ via, role: 'pulled', changes: [one] })
    const deep = `${'['.repeat(400)}${']'.repeat(400)}`
    await store.append([
      { ...note, data: 'x'.repeat(2 * 1024 * 1024) },
      { ...note, dataText: deep },
    ])
    const again = await MemoryStore.open({ journal: arrayJournal([...records]) })
    expect(await again.entries({})).toEqual(await store.entries({}))
    expect(await again.status()).toEqual(await store.status())
  })

  it('that fails makes the append fail, and everything after it', async () => {
    const records: string[] = []
    const good = arrayJournal(records)
    let full = false
    const journal: Journal = {
      ...good,
      append: (record) => (full ? Promise.reject(new Error('ENOSPC')) : good.append(record)),
    }
    const store = await MemoryStore.open({ journal })
    await store.append([{ ...note, id: 'kept' }])
    full = true
    const failure = { code: 'storage_io', retryable: true }
    const outcomes = await Promise.allSettled([
      store.append([{ ...note, id: 'lost' }]),
      store.append([{ ...note, id: 'queued' }]),
      store.entries({}),
    ])
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ status: 'rejected', reason: failure })
    full = false
    await expect(store.append([note])).rejects.toMatchObject(failure)
    await expect(store.status()).rejects.toMatchObject(failure)
    await store.close()
    await expect(store.status()).rejects.toMatchObject({ code: 'closed' })
    const again = await MemoryStore.open({ journal: arrayJournal(records) })
    expect((await again.entries({})).entries.map((entry) => entry.event.id)).toEqual(['kept'])
  })

  it('is closed with the store, once', async () => {
    let closed = 0
    const journal: Journal = { ...arrayJournal([]), close: async () => void closed++ }
    const store = await MemoryStore.open({ journal })
    await Promise.all([store.close(), store.close()])
    expect(closed).toBe(1)
  })

  it('that holds a broken event is damaged, and says so', async () => {
    const records: string[] = []
    const store = await MemoryStore.open({ journal: arrayJournal(records) })
    await store.append([{ ...note, data: { cents: 5 } }])
    const broken = records.map((record) => record.replace('cents', 'euros'))
    await expect(MemoryStore.open({ journal: arrayJournal(broken) })).rejects.toMatchObject({
      code: 'storage_damaged',
    })
  })
})
