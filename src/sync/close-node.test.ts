import { describe, expect, it } from 'vitest'
import { RejoinError } from '../errors/index.ts'
import { MemoryStore } from '../store/memory/index.ts'
import { scriptedTransport } from '../testing/doubles/scripted.ts'
import { memoryTransport } from '../transport/memory/index.ts'
import { SyncNode } from './index.ts'

describe('closing a node', () => {
  it('closes the store also when the transport can’t be closed, and says what the transport says', async () => {
    const store = await MemoryStore.open()
    const broken = new RejoinError('network', 'still connected', {
      operation: 'close',
      component: 't',
    })
    const transport = {
      ...memoryTransport(await MemoryStore.open()),
      close: () => Promise.reject(broken),
    }
    const node = new SyncNode({ store, transport })
    await expect(node.close()).rejects.toBe(broken)
    await expect(node.close()).rejects.toBe(broken)
    await expect(store.status()).rejects.toMatchObject({ code: 'closed' })
  })

  it('from a listener to the abort that it causes is the same closing', async () => {
    const store = await MemoryStore.open()
    const greeted = Promise.withResolvers<void>()
    const again: Promise<unknown>[] = []
    let closes = 0
    const transport = scriptedTransport(memoryTransport(await MemoryStore.open()), {
      hello: (_hello, _mine, signal) =>
        new Promise((_, reject) => {
          signal?.addEventListener('abort', () => {
            again.push(node.close())
            reject(signal.reason)
          })
          greeted.resolve()
        }),
    })
    const closing = transport.close
    const counted = { ...transport, close: () => closing.call(transport).then(() => void closes++) }
    const node = new SyncNode({ store, transport: counted })
    const sync = expect(node.sync()).rejects.toMatchObject({ code: 'closed' })
    await greeted.promise
    const closed = node.close()
    expect(again).toEqual([closed])
    expect(again[0]).toBe(closed)
    await closed
    await sync
    expect(closes).toBe(1)
  })
})
