import { describe, expect, it } from 'vitest'
import type { EventStore } from '../../contracts/index.ts'
import { syncOnce } from '../../link/index.ts'
import { MemoryStore } from '../../store/memory/index.ts'
import { httpTransport, logHandler } from './index.ts'

describe('an erasure over HTTP', () => {
  it('E1: reaches the hub and, through it, everybody else', async () => {
    const { hub, sync } = await hubAndClients()
    const [ann, bob] = [await MemoryStore.open(), await MemoryStore.open()]
    await ann.append([secret, { ...secret, id: 'kept' }])
    await sync(ann)
    await sync(bob)
    const { entries } = await bob.entries({})
    await bob.erase(entries.slice(0, 1).map(({ event }) => event.id))
    await sync(bob)
    await sync(ann)
    for (const store of [ann, bob, hub]) {
      expect((await store.status()).erased).toBe(1n)
      const { entries: left } = await store.entries({})
      expect(left.map(({ event }) => [event.id, event.stub, event.metadataText])).toEqual([
        ['kept', null, '{"tenant":"t","by":"ann"}'],
        ['one', 'erased', '{"tenant":"t"}'],
      ])
    }
  })

  it('has no form for Go clients: they get the rest, and what they bring back stays erased', async () => {
    const { hub, ask } = await hubAndClients()
    const kept = { ...secret, id: 'kept', data: 'this one' }
    const appended = await hub.append([secret, kept])
    if (appended.kind !== 'appended') throw new Error('stale')
    await hub.erase(appended.events.slice(0, 1).map(({ id }) => id))
    const page = await (await ask('/pull?since=0')).text()
    expect(page).toContain('this one')
    expect(page).not.toContain('secret')
    const { id, type, aggregateId: aggregate_id, data, metadata } = secret
    const event = { id, type, aggregate_id, data, metadata }
    const body = JSON.stringify([{ event, version: '1' }])
    const headers = { 'content-type': 'application/json' }
    expect((await ask('/push', { method: 'POST', headers, body })).status).toBe(200)
    const [one] = await hub.fetch(appended.events.slice(0, 1).map((found) => found.id))
    expect(one).toMatchObject({ stub: 'erased', dataText: '' })
  })
})

const secret = {
  id: 'one',
  type: 'Noted',
  aggregateId: 'a',
  data: 'secret',
  metadata: { tenant: 't', by: 'ann' },
}

async function hubAndClients() {
  const hub = await MemoryStore.open({ node: 'hub' })
  const handler = logHandler(hub)
  const url = 'http://hub.test/sync'
  const fetch = async (...given: ConstructorParameters<typeof Request>) =>
    handler(new Request(...given))
  return {
    hub,
    ask: (path: string, init?: RequestInit) => fetch(`${url}${path}`, init),
    async sync(replica: EventStore) {
      const transport = httpTransport({ url, fetch: fetch as typeof globalThis.fetch })
      expect((await syncOnce({ replica, transport })).errors).toEqual([])
    },
  }
}
