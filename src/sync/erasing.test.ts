import { describe, expect, it } from 'vitest'
import type { EventStore } from '../contracts/index.ts'
import { type EventFilter, encodeFrame } from '../event/index.ts'
import { MemoryStore } from '../store/memory/index.ts'
import { memoryTransport } from '../transport/memory/index.ts'
import { SyncNode } from './index.ts'

describe('an erasure', () => {
  it('E1: reaches every replica, also one that brings the event back', async () => {
    const hub = await open('hub')
    const [ann, bob] = [nodeOn(await open('ann'), hub), nodeOn(await open('bob'), hub)]
    const { events } = await ann.node.append([
      secret,
      { ...secret, id: 'two', data: 'secret of two' },
    ])
    await ann.node.sync()
    await bob.node.sync()
    expect(await bob.node.erase(events.slice(0, 1).map(({ id }) => id))).toEqual({
      erased: 1,
      unknown: [],
    })
    // The hub is new, and first hears of the event from the one who does not know.
    const fresh = await open('fresh')
    const annAgain = nodeOn(ann.store, fresh)
    const bobAgain = nodeOn(bob.store, fresh)
    await annAgain.node.sync()
    expect((await fresh.status()).erased).toBe(0n)
    const given = await bobAgain.node.sync()
    expect(given).toMatchObject({ ok: true, errors: [] })
    await annAgain.node.sync()
    const logs = [ann.store, bob.store, fresh]
    for (const store of logs) expect((await store.status()).erased).toBe(1n)
    const [first, ...others] = await Promise.all(logs.map(framesOf))
    for (const frames of others) expect(frames).toEqual(first)
    expect(first?.join('')).toContain('secret of two')
    expect(first?.join('')).not.toContain('secret of one')
    expect((await Array.fromAsync(annAgain.node.read())).length).toBe(1)
  })

  it.each<EventFilter>([
    { types: ['Other'] },
    { tenant: 'kitchen' },
    { aggregates: ['a'] },
    { key: 'none', matches: () => false },
  ])('E1: reaches who syncs a part: %j', async (filter) => {
    const hub = await open('hub')
    const phone = nodeOn(await open('phone'), hub, filter)
    await hub.append([secret])
    await phone.node.sync()
    expect((await phone.store.status()).events).toBe(1n)
    await hub.erase({ aggregateId: 'a' })
    await phone.node.sync()
    expect((await phone.store.status()).erased).toBe(1n)
    expect(await framesOf(phone.store)).toEqual(await framesOf(hub))
  })

  it('E1: is made by who sees only a stub as well', async () => {
    const hub = await open('hub')
    const phone = nodeOn(await open('phone'), hub, { types: ['Other'] })
    await hub.append([secret])
    await phone.node.sync()
    await phone.node.erase({ aggregateId: 'a' })
    await phone.node.sync()
    expect((await hub.status()).erased).toBe(1n)
  })

  it('is refused for nonsense, and not taken from a closed node', async () => {
    const { node } = nodeOn(await open('ann'), await open('hub'))
    for (const what of [undefined, null, 'one', [1], {}, { aggregateId: 5 }])
      await expect(node.erase(what as never)).rejects.toMatchObject({ code: 'invalid_argument' })
    const reason = new Error('enough')
    const erased = node.erase(['x' as never], { signal: AbortSignal.abort(reason) })
    await expect(erased).rejects.toBe(reason)
    await node.close()
    await expect(node.erase([])).rejects.toMatchObject({ code: 'closed' })
  })
})

const secret = {
  id: 'one',
  type: 'Noted',
  aggregateId: 'a',
  data: 'secret of one',
  metadata: { tenant: 'kitchen', by: 'ann' },
}

function open(node: string) {
  return MemoryStore.open({ node })
}

function nodeOn(store: EventStore, hub: EventStore, filter?: EventFilter) {
  const transport = memoryTransport(hub)
  return { store, node: new SyncNode({ store, transport, ...(filter && { filter }) }) }
}

async function framesOf(store: EventStore): Promise<readonly string[]> {
  const { entries } = await store.entries({})
  return entries.map(({ event }) => encodeFrame(event)).sort()
}
