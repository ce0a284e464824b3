import { IDBFactory } from 'fake-indexeddb'
import { afterEach, describe, expect, it } from 'vitest'
import { systemRuntime } from '../../runtime/index.ts'
import { liveServer } from '../fixtures/live-server.ts'
import {
  connectState,
  indexedDbQueue,
  memoryQueue,
  type QueuedWrite,
  type QueueStorage,
} from '../index.ts'

const opened: AsyncDisposable[] = []
afterEach(async () => {
  for (const each of opened.splice(0).toReversed()) await each[Symbol.asyncDispose]()
})

const write = (id: string): QueuedWrite => ({ id, kind: 'set', path: `box/${id}`, body: '1.50' })

describe.each<[string, () => QueueStorage]>([
  ['in memory', memoryQueue],
  ['in IndexedDB', () => indexedDbQueue({ indexedDB: new IDBFactory() })],
])('a queue %s', (_, make) => {
  it('has what was added and not removed, in the order of ids', async () => {
    const queue = make()
    expect(await queue.all()).toEqual([])
    await Promise.all(['1', '2', '3', '4'].map((id) => queue.add(write(id))))
    await queue.remove('2')
    await queue.remove('unknown')
    expect(await queue.all()).toEqual(['1', '3', '4'].map(write))
  })

  it('keeps each write as it is', async () => {
    const queue = make()
    const patch: QueuedWrite = { id: '1', kind: 'patch', path: 'a', body: '{}', form: 'merge' }
    const gone: QueuedWrite = { id: '2', kind: 'delete', path: 'a/*' }
    for (const each of [patch, gone]) await queue.add(each)
    expect(await queue.all()).toEqual([patch, gone])
  })
})

describe('a queue in IndexedDB', () => {
  it('outlives who wrote, under its name', async () => {
    const indexedDB = new IDBFactory()
    const first = indexedDbQueue({ indexedDB, name: 'one' })
    await first.add(write('1'))
    await first[Symbol.asyncDispose]()
    expect(await indexedDbQueue({ indexedDB, name: 'one' }).all()).toEqual([write('1')])
    expect(await indexedDbQueue({ indexedDB, name: 'other' }).all()).toEqual([])
  })

  it('opens anew when it was closed, and lets who deletes it go on', async () => {
    const indexedDB = new IDBFactory()
    const queue = indexedDbQueue({ indexedDB })
    await queue.add(write('1'))
    await new Promise((resolve) => (indexedDB.deleteDatabase('rejoin-queue').onsuccess = resolve))
    await queue.add(write('2'))
    expect(await queue.all()).toEqual([write('2')])
  })

  it('says what fails, and loses nothing by it', async () => {
    const queue = indexedDbQueue({ indexedDB: new IDBFactory() })
    await queue.add(write('1'))
    await expect(queue.add({ ...write('1'), path: 'other' })).rejects.toMatchObject({
      code: 'storage_io',
    })
    expect(await queue.all()).toEqual([write('1')])
  })

  it('tries again to open after it failed', async () => {
    const indexedDB = new IDBFactory()
    const open = indexedDB.open.bind(indexedDB)
    let isBroken = true
    indexedDB.open = (name, version) => open(name, isBroken ? 0 : version)
    const queue = indexedDbQueue({ indexedDB })
    await expect(queue.all()).rejects.toMatchObject({ code: 'storage_io' })
    isBroken = false
    expect(await queue.all()).toEqual([])
  })

  it('is refused where there is none, and with a name that is none', () => {
    expect(() => indexedDbQueue()).toThrow(/indexedDB .*there is none here/)
    expect(() => indexedDbQueue({ name: '', indexedDB: new IDBFactory() })).toThrow(/name/)
  })

  it('keeps what a client wrote during an outage until the next client sends it', async () => {
    const indexedDB = new IDBFactory()
    const server = await liveServer()
    opened.push(server)
    const connect = () => {
      const storage = indexedDbQueue({ indexedDB })
      const runtime = { ...systemRuntime, random: () => 0 }
      const client = connectState(server.url, { runtime, offline: { onRefused() {}, storage } })
      opened.push(storage, client)
      return client
    }
    await server.stop()
    const first = connect()
    for (const n of [1, 2, 3]) expect((await first.set('box', n)).kind).toBe('queued')
    expect((await first.push('log/*', 'dark')).kind).toBe('queued')
    await first.close()
    await server.start()
    const second = connect()
    expect(await second.flush()).toBe(0)
    expect((await server.tree.get('box'))?.data).toBe(3)
    expect((await server.tree.list('log/*')).map(({ data }) => data)).toEqual(['dark'])
    expect(await indexedDbQueue({ indexedDB }).all()).toEqual([])
  })
})
