import { describe, expect, it } from 'vitest'
import { machine, write } from '../../test/fleet.ts'
import { lineTo, until } from '../../test/linked.ts'
import { systemRuntime } from '../runtime/index.ts'
import { MemoryStore } from '../store/memory/index.ts'
import { handDriven } from '../transport/fixtures/hand-driven.ts'
import { memoryTransport } from '../transport/memory/index.ts'
import { nullTransport } from '../transport/null/index.ts'
import { SyncNode, type SyncNodeOptions } from './index.ts'

describe('an append until it is confirmed', () => {
  it('pushes by itself where nothing else does', async () => {
    const { node, hub } = await world()
    const answer = await node.append([note('n1')], { until: 'remote' })
    expect(answer).toMatchObject({ kind: 'appended', events: [{ id: 'n1' }] })
    expect((await hub.status()).events).toBe(1n)
  })

  it('asks nobody where it is only to be durable here', async () => {
    const { node, line, runtime } = await world({ realtime: false })
    line.cut()
    const { confirmed } = await node.append([note('n1')], { until: 'local' })
    expect((await node.status()).events).toBe(1n)
    expect({ calls: line.calls, timers: runtime.pending }).toEqual({ calls: [], timers: 0 })
    line.heal()
    await confirmed('remote')
    expect((await node.explain()).unsent).toEqual({ count: 0, more: false })
  })

  it('rejects with what went wrong then; the event is stored, and confirmed by the next one', async () => {
    const { node, line } = await world({ retry: false })
    line.cut()
    await expect(node.append([note('n1')], { until: 'remote' })).rejects.toMatchObject({
      code: 'network',
    })
    expect((await node.status()).events).toBe(1n)
    line.heal()
    const { confirmed } = await node.append([note('n1')])
    await confirmed()
    expect((await node.explain()).unsent).toEqual({ count: 0, more: false })
  })

  it('waits for a node that syncs by itself, however often the remote is away', async () => {
    const { node, hub, line, runtime } = await world({ realtime: true, retry: false })
    node.startAutoSync()
    await until(() => node.links()[0]?.phase === 'live')
    line.cut()
    let isConfirmed = false
    const appending = node.append([note('n1')], { until: 'remote' }).then(() => {
      isConfirmed = true
    })
    await until(() => node.links()[0]?.phase === 'waiting')
    for (let failures = 2; failures < 5; failures++) {
      runtime.pass(60_000)
      await until(() => node.links()[0]?.statistics.failures === failures)
    }
    expect(isConfirmed).toBe(false)
    line.heal()
    runtime.pass(60_000)
    await appending
    expect((await hub.status()).events).toBe(1n)
  })

  it('does not wait for the interval', async () => {
    const { node, hub, runtime } = await world({ interval: 3_600_000 })
    node.startAutoSync()
    const appending = node.append([note('n1')], { until: 'remote' })
    await until(() => {
      runtime.pass(1)
      return node.links()[0]?.statistics.rounds === 1
    })
    await appending
    expect((await hub.status()).events).toBe(1n)
  })

  it('rejects with what stands in the way when the event is parked', async () => {
    for (const options of [{}, { realtime: true }] as const) {
      const { node, hub } = await world(options)
      await hub.append([{ id: 'same', type: 'other', aggregateId: 'b', data: 1 }])
      if ('realtime' in options) node.startAutoSync()
      const appending = node.append([note('same')], { until: 'remote' })
      await expect(appending).rejects.toMatchObject({
        code: 'rejected',
        retryable: false,
        message: expect.stringContaining('same'),
        details: { id: 'same', reason: 'id_conflict' },
      })
      const { confirmed } = await node.append([{ ...note('other'), aggregateId: 'c' }])
      await confirmed()
    }
  })

  it('rejects with a refusal that time may heal, and says so', async () => {
    const behind = { ...systemRuntime, now: () => Date.now() - 48 * 3_600_000 }
    const hub = await MemoryStore.open({ node: 'hub', runtime: behind })
    const { node } = await world({}, hub)
    await expect(node.append([note('n1')], { until: 'remote' })).rejects.toMatchObject({
      code: 'rejected',
      retryable: true,
      details: { reason: 'clock' },
    })
  })

  it('rejects for what the filter keeps here, whatever the checkpoint says', async () => {
    for (const filter of [{ types: ['wanted'] }, { aggregates: ['other'] }]) {
      const { node } = await world({ filter })
      await expect(node.append([note('n1')], { until: 'remote' })).rejects.toMatchObject({
        code: 'rejected',
        message: expect.stringContaining('filter'),
      })
    }
    const { node, hub } = await world({ filter: { types: ['noted'] } })
    await node.append([note('n1')], { until: 'remote' })
    expect((await hub.status()).events).toBe(1n)
  })

  it('rejects where a remote takes nothing', async () => {
    const store = await MemoryStore.open()
    await using node = new SyncNode({ store, transport: nullTransport() })
    await expect(node.append([note('n1')], { until: 'remote' })).rejects.toMatchObject({
      code: 'forbidden',
    })
  })

  it('aborts cleanly: the event stays, and nothing is left waiting', async () => {
    const { node, line, runtime } = await world({ realtime: true, retry: false })
    node.startAutoSync()
    await until(() => node.links()[0]?.phase === 'live')
    line.cut()
    await until(() => node.links()[0]?.phase === 'waiting')
    const abort = new AbortController()
    const reason = new Error('enough')
    const { confirmed } = await node.append([note('n1')])
    const waiting = confirmed(undefined, { signal: abort.signal })
    await new Promise((next) => setImmediate(next))
    abort.abort(reason)
    await expect(waiting).rejects.toBe(reason)
    await expect(confirmed(undefined, { signal: abort.signal })).rejects.toBe(reason)
    expect((await node.status()).events).toBe(1n)
    line.heal()
    runtime.pass(60_000)
    await confirmed()
  })

  it('rejects with closed when its node is closed meanwhile', async () => {
    const { node, line } = await world({ realtime: true, retry: false })
    node.startAutoSync()
    await until(() => node.links()[0]?.phase === 'live')
    line.cut()
    const { confirmed } = await node.append([note('n1')])
    const waiting = confirmed()
    const rejects = expect(waiting).rejects.toMatchObject({ code: 'closed' })
    await new Promise((next) => setImmediate(next))
    await node.close()
    await rejects
    await expect(confirmed()).rejects.toMatchObject({ code: 'closed' })
  })

  it('resolves for what another process of the same log has pushed', async () => {
    const laptop = await machine('laptop')
    const hub = await machine('hub')
    const line = lineTo(memoryTransport(hub.store))
    const runtime = handDriven()
    const node = new SyncNode({
      store: laptop.store,
      transport: line.transport,
      realtime: true,
      runtime,
      retry: false,
    })
    const other = new SyncNode({ store: laptop.store, transport: memoryTransport(hub.store) })
    node.startAutoSync()
    await until(() => node.links()[0]?.phase === 'live')
    line.cut()
    await until(() => node.links()[0]?.phase === 'waiting')
    const { confirmed } = await node.append([note('n1')])
    const waiting = confirmed()
    await other.sync()
    // Nothing of it is known here before something is committed.
    await write(laptop, 'z', 'more')
    await waiting
    await node.close()
  })

  it('takes only what it knows', async () => {
    const { node } = await world()
    await expect(node.append([note('n')], { until: 'later' as 'remote' })).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining('until'),
    })
    const { confirmed } = await node.append([note('n')])
    await expect(confirmed('nowhere')).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringMatching(/"remote"/),
    })
    const alone = new SyncNode({ store: await MemoryStore.open() })
    await expect(alone.append([note('n')], { until: 'remote' })).rejects.toMatchObject({
      code: 'invalid_argument',
    })
    // Nothing was stored by an append that could never be confirmed.
    expect((await alone.status()).events).toBe(0n)
  })

  it('answers a stale append at once, as ever', async () => {
    const { node, line } = await world()
    await node.append([note('n')])
    line.cut()
    expect(await node.append([note('m')], { expected: 'none', until: 'remote' })).toEqual({
      kind: 'stale',
      aggregateId: 'a',
      heads: ['n'],
    })
  })
})

async function world(options: Partial<SyncNodeOptions> = {}, given?: MemoryStore) {
  const store = await MemoryStore.open({ node: 'laptop' })
  const hub = given ?? (await MemoryStore.open({ node: 'hub' }))
  const line = lineTo(memoryTransport(hub))
  const runtime = handDriven()
  const node = new SyncNode({ store, transport: line.transport, runtime, ...options })
  return { node, hub, line, runtime }
}

const note = (id: string) => ({ id, type: 'noted', aggregateId: 'a', data: { id } })
