import { describe, expect, it } from 'vitest'
import { eventually, soon } from '../../test/options/each-option.ts'
import { RejoinError } from '../errors/index.ts'
import type { CallMeasure, HealthCheck, Metrics, SyncMeasure } from '../ports/index.ts'
import { MemoryStore } from '../store/memory/index.ts'
import { scriptedStore, scriptedTransport } from '../testing/doubles/scripted.ts'
import { handDriven } from '../transport/fixtures/hand-driven.ts'
import { memoryTransport } from '../transport/memory/index.ts'
import { nullTransport } from '../transport/null/index.ts'
import { SyncNode, type SyncNodeOptions } from './index.ts'

const note = (id: string) => ({ id, type: 'noted', aggregateId: 'a' })
const offline = new RejoinError('network', 'nobody there', { operation: 'push', component: 'test' })
const bomb = () => {
  throw new Error('oops')
}

describe('metrics', () => {
  it('hear of each sync, whatever came of it', async () => {
    const { node, hub, transport, syncs } = await measured()
    await node.append([note('1'), note('2')])
    await hub.append([note('3')])
    await node.sync()
    transport.script.fail('push', offline)
    await node.append([note('4')])
    await node.push()
    const controller = new AbortController()
    transport.script.hold('hello')
    const aborted = node.pull({ signal: controller.signal })
    await eventually(() => transport.script.calls.at(-1)?.method === 'hello')
    controller.abort()
    await expect(aborted).rejects.toThrow()
    await eventually(() => syncs.length === 3)
    const duration = expect.any(Number)
    const none = { pushed: 0, pulled: 0, conflictsResolved: 0, errors: [] }
    const both = { direction: 'both', outcome: 'ok' }
    expect(syncs).toEqual([
      { ...none, ...both, pushed: 2, pulled: 1, conflictsResolved: 1, duration },
      { ...none, direction: 'push', outcome: 'failed', errors: ['network'], duration },
      { ...none, direction: 'pull', outcome: 'aborted', duration },
    ])
  })

  it('hear of each call to the remote, each try, and how it went', async () => {
    const { node, transport, remoteCalls } = await measured({ retry: { first: 0 } })
    transport.script.fail('hello', offline, { nth: 1 })
    await node.sync()
    expect(remoteCalls.map(({ operation, outcome }) => `${operation} ${outcome}`)).toEqual([
      'hello network',
      'hello ok',
      'pull ok',
    ])
    for (const { duration } of remoteCalls) expect(duration).toBeGreaterThanOrEqual(0)
  })

  it('hear of each call to the store, and how it went', async () => {
    const { node, storeCalls } = await measured()
    await node.append([note('1')])
    await node.append([{ ...note('1'), type: 'other' }]).catch(() => {})
    await node.append([note('2')], { signal: AbortSignal.abort() }).catch(() => {})
    await node.status({ signal: AbortSignal.abort() }).catch(() => {})
    await node.heads('a')
    expect(storeCalls.map(({ operation, outcome }) => `${operation} ${outcome}`)).toEqual([
      'append ok',
      'append id_conflict',
      'append aborted',
      'status aborted',
      'heads ok',
    ])
    storeCalls.length = 0
    await node.sync()
    expect(storeCalls.map(({ operation }) => operation)).toEqual(
      expect.arrayContaining(['identity', 'confirm', 'changes', 'settle']),
    )
  })
})

describe('a port that throws', () => {
  it('breaks neither appends nor syncs nor the closing', async () => {
    const hub = await MemoryStore.open()
    const node = new SyncNode({
      store: await MemoryStore.open(),
      transport: memoryTransport(hub),
      logger: { debug: bomb, info: bomb, warn: bomb, error: bomb },
      metrics: { syncEnded: bomb, storageCalled: bomb, transportCalled: bomb },
      health: { register: bomb },
    })
    node.subscribe(bomb)
    await node.append([note('1')])
    expect(await node.sync({ onProgress: bomb })).toMatchObject({ ok: true, pushed: 1 })
    await node.close()
  })

  it('does not keep a node from closing when it can’t be left', async () => {
    const health = { register: () => bomb }
    const node = new SyncNode({ store: await MemoryStore.open(), health })
    await node.close()
  })
})

describe('a check of a node’s health', () => {
  it('finds store and remote healthy', async () => {
    const { checks } = await checked()
    expect(await checks.get('storage')?.()).toEqual({
      status: 'healthy',
      message: 'the store answers',
      details: { node: 'laptop', duration: 0 },
    })
    expect(await checks.get('transport')?.()).toMatchObject({
      status: 'healthy',
      details: { node: 'hub' },
    })
  })

  it('says what is wrong', async () => {
    const { checks, store, transport } = await checked()
    transport.script.fail('hello', offline)
    store.script.fail('entries', new Error('bad disk'))
    expect(await checks.get('transport')?.()).toMatchObject({
      status: 'unhealthy',
      message: 'nobody there',
      details: { code: 'network' },
      error: offline,
    })
    expect(await checks.get('storage')?.()).toMatchObject({
      status: 'unhealthy',
      message: 'bad disk',
      details: { code: 'internal' },
    })
  })

  it('ends after five seconds, and with its signal, whatever it looks at does', async () => {
    const { checks, transport, runtime } = await checked()
    transport.script.hold('hello')
    const check = checks.get('transport') as HealthCheck
    const late = check()
    await eventually(() => runtime.pending === 1)
    runtime.pass(5_000)
    expect(await soon(late)).toMatchObject({ status: 'unhealthy', details: { code: 'timeout' } })
    const controller = new AbortController()
    const aborted = check({ signal: controller.signal })
    controller.abort(new Error('enough'))
    expect(await soon(aborted)).toMatchObject({ status: 'unhealthy', message: 'enough' })
    expect(await check({ signal: AbortSignal.abort() })).toMatchObject({ status: 'unhealthy' })
    expect(runtime.pending).toBe(0)
  })

  it('is taken out when the node closes, and says so when it is asked all the same', async () => {
    const { node, checks } = await checked()
    const storage = checks.get('storage') as HealthCheck
    await node.close()
    expect(checks.size).toBe(0)
    expect(await storage()).toMatchObject({ status: 'unhealthy', details: { code: 'closed' } })
  })

  it('of the remote is there only when there is a way to one', async () => {
    const { checks } = await checked({ transport: undefined })
    expect([...checks.keys()]).toEqual(['storage'])
    const alone = await checked({ transport: nullTransport() })
    expect(await alone.checks.get('transport')?.()).toMatchObject({ status: 'healthy' })
  })
})

async function measured(options: Partial<SyncNodeOptions> = {}) {
  const [store, hub] = [await MemoryStore.open(), await MemoryStore.open()]
  const transport = scriptedTransport(memoryTransport(hub))
  const syncs: SyncMeasure[] = []
  const storeCalls: CallMeasure[] = []
  const remoteCalls: CallMeasure[] = []
  const metrics: Metrics = {
    syncEnded: (sync) => void syncs.push(sync),
    storageCalled: (call) => void storeCalls.push(call),
    transportCalled: (call) => void remoteCalls.push(call),
  }
  const node = new SyncNode({ store, transport, metrics, retry: false, ...options })
  return { node, hub, transport, syncs, storeCalls, remoteCalls }
}

async function checked(
  given: { readonly transport?: SyncNodeOptions['transport'] | undefined } = {},
) {
  const store = scriptedStore(await MemoryStore.open({ node: 'laptop' }))
  const hub = await MemoryStore.open({ node: 'hub' })
  const transport = scriptedTransport(memoryTransport(hub))
  const remote = 'transport' in given ? given.transport : transport
  const checks = new Map<string, HealthCheck>()
  const health = {
    register(name: string, check: HealthCheck) {
      checks.set(name, check)
      return () => void checks.delete(name)
    },
  }
  const runtime = handDriven()
  const node = new SyncNode({ store, health, runtime, ...(remote && { transport: remote }) })
  return { node, store, transport, runtime, checks }
}
