import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { defineRules } from '../../src/conflict/index.ts'
import type { Transport } from '../../src/contracts/index.ts'
import { RejoinError } from '../../src/errors/index.ts'
import type { LogEvent } from '../../src/event/index.ts'
import { noMetrics, type SyncMeasure, silentLogger } from '../../src/ports/index.ts'
import { projection } from '../../src/projection/index.ts'
import { type Runtime, systemRuntime } from '../../src/runtime/index.ts'
import { MemoryStore } from '../../src/store/memory/index.ts'
import { SyncNode, type SyncNodeOptions, type SyncResult, syncNode } from '../../src/sync/index.ts'
import { scriptedTransport } from '../../src/testing/doubles/scripted.ts'
import { handDriven } from '../../src/transport/fixtures/hand-driven.ts'
import { memoryTransport } from '../../src/transport/memory/index.ts'
import { eventually, type OptionTest, soon, testEachOption } from './each-option.ts'

type Test = OptionTest<SyncNodeOptions, SyncNode>

const tests = {
  async store(make) {
    const { store } = await ends()
    await using node = make({ store })
    await node.append([note('n')])
    expect((await store.status()).events).toBe(1n)
  },

  async transport(make) {
    const { store, hub, transport } = await ends()
    await using node = make({ store, transport })
    await node.append([note('n')])
    expect(await node.sync()).toMatchObject({ ok: true, pushed: 1 })
    expect((await hub.status()).events).toBe(1n)
  },

  async remotes(make) {
    const { store, hub, transport } = await ends()
    const other = await MemoryStore.open({ node: 'other' })
    await using node = make({ store, remotes: { hub: transport, other: memoryTransport(other) } })
    await node.append([note('n')])
    expect(await node.sync()).toMatchObject({ ok: true, pushed: 2 })
    expect((await hub.status()).events).toBe(1n)
    expect((await other.status()).events).toBe(1n)
  },

  async primary(make) {
    const { store, hub, transport } = await ends()
    const other = await MemoryStore.open({ node: 'other' })
    const remotes = { other: memoryTransport(other), hub: transport }
    await using node = make({ store, remotes, primary: 'hub' })
    await node.append([note('n')], { until: 'remote' })
    expect((await hub.status()).events).toBe(1n)
    expect((await other.status()).events).toBe(0n)
    expect(node.links().map(({ name }) => name)).toEqual(['hub', 'other'])
  },

  async realtime(make) {
    const { store, hub, transport } = await ends()
    await using node = make({
      store,
      transport,
      runtime: handDriven(),
      interval: 60_000,
      realtime: true,
    })
    const results: SyncResult[] = []
    node.subscribe((result) => results.push(result))
    node.startAutoSync()
    await eventually(() => node.links()[0]?.phase === 'live')
    await hub.append([note('theirs')])
    await eventually(() => results.some(({ pulled }) => pulled === 1))
    await node.append([note('ours')])
    await eventually(() => results.some(({ pushed }) => pushed === 1))
  },

  async batchSize(make) {
    const { store, transport } = await ends()
    await using node = make({ store, transport, batchSize: 2 })
    await node.append([note('1'), note('2'), note('3'), note('4'), note('5')])
    await node.sync()
    expect(sizesOf(transport)).toEqual([2, 2, 1])
  },

  async timeout(make) {
    const { store, transport } = await ends()
    const runtime = handDriven()
    const silent = { ...transport, hello: () => new Promise<never>(() => {}) }
    await using node = make({ store, transport: silent, timeout: 50, retry: false, runtime })
    const syncing = node.sync()
    syncing.catch(() => {})
    await eventually(() => runtime.pending > 0)
    runtime.pass(50)
    const { errors } = await soon(syncing)
    expect(errors).toMatchObject([{ code: 'timeout', retryable: true }])
  },

  async retry(make) {
    const { store, transport } = await ends()
    transport.script.fail('hello', offline)
    const runtime: Runtime = { ...systemRuntime, sleep: async () => {} }
    await using node = make({ store, transport, runtime, retry: { tries: 5 } })
    expect((await node.sync()).errors).toEqual([offline])
    expect(hellosOf(transport)).toBe(5)
  },

  async interval(make) {
    const { store, transport } = await ends()
    const runtime = handDriven()
    await using node = make({ store, transport, runtime, interval: 1_000 })
    const results: boolean[] = []
    node.subscribe(({ ok }) => results.push(ok))
    node.startAutoSync()
    // Up to a tenth of it may be left off.
    runtime.pass(899)
    expect(hellosOf(transport)).toBe(0)
    runtime.pass(101)
    await eventually(() => results.length === 1)
  },

  async autoStart(make) {
    const { store, transport } = await ends()
    const runtime = handDriven()
    await using _ = make({ store, transport, runtime, interval: 1_000, autoStart: true })
    runtime.pass(1_000)
    await eventually(() => hellosOf(transport) > 0)
  },

  async pushOnly(make) {
    const { store, hub, transport } = await ends()
    await hub.append([note('theirs')])
    await using node = make({ store, transport, pushOnly: true })
    await node.append([note('ours')])
    expect(await node.sync()).toMatchObject({ ok: true, pushed: 1, pulled: 0 })
    expect(await node.pull()).toMatchObject({ ok: true, pulled: 1 })
  },

  async pullOnly(make) {
    const { store, hub, transport } = await ends()
    await hub.append([note('theirs')])
    await using node = make({ store, transport, pullOnly: true })
    await node.append([note('ours')])
    expect(await node.sync()).toMatchObject({ ok: true, pushed: 0, pulled: 1 })
    expect(await node.push()).toMatchObject({ ok: true, pushed: 1 })
  },

  async filter(make) {
    const { store, hub, transport } = await ends()
    await using node = make({ store, transport, filter: { types: ['wanted'] } })
    await node.append([note('ours'), { ...note('ours too'), type: 'wanted' }])
    await hub.append([note('theirs'), { ...note('theirs too'), type: 'wanted' }])
    expect(await node.sync()).toMatchObject({ ok: true, pushed: 1, pulled: 1 })
  },

  async validation(make) {
    const { store } = await ends()
    await using node = make({ store, validation: { noted: z.object({ id: z.string() }) } })
    await node.append([note('good')])
    await expect(node.append([{ ...note('bad'), data: { id: 5 } }])).rejects.toMatchObject({
      code: 'invalid_event',
      details: { index: 0, type: 'noted', path: 'data.id' },
    })
    expect((await store.status()).events).toBe(1n)
  },

  async upcasters(make) {
    const { store } = await ends()
    await store.append([{ type: 'Noted', aggregateId: 'a', data: 'n' }])
    await using node = make({ store, upcasters: { Noted: [(text: string) => ({ text })] } })
    const [noted] = await Array.fromAsync(node.readAggregate('a'))
    expect(noted?.data).toEqual({ text: 'n' })
  },

  async unknownTypes(make) {
    const { store } = await ends()
    const validation = { noted: z.object({ id: z.string() }) }
    await using node = make({ store, validation, unknownTypes: 'refuse' })
    await node.append([note('known')])
    await expect(node.append([{ ...note('other'), type: 'misspelt' }])).rejects.toMatchObject({
      code: 'invalid_event',
      details: { type: 'misspelt' },
    })
  },

  async rules(make) {
    const { store, hub, transport } = await ends()
    const rules = defineRules({ fallback: 'last-write-wins' })
    await using node = make({ store, transport, rules })
    await hub.append([note('theirs')])
    await node.append([note('ours')])
    await node.sync()
    expect(await node.history('a')).toHaveLength(1)
  },

  async projections(make) {
    const { store } = await ends()
    const folded: string[] = []
    const on = { noted: (count: number, { id }: { id: string }) => count + folded.push(id) }
    const counts = projection<Readonly<Record<string, unknown>>, number>({
      name: 'counts',
      initial: 0,
      on,
    })
    await using node = make({ store, projections: [counts] })
    await node.append([note('n')])
    // Nobody has asked for it.
    await eventually(() => folded.length > 0)
    expect(folded).toEqual(['n'])
  },

  async logger(make) {
    const { store, transport } = await ends()
    const told: string[] = []
    const logger = { ...silentLogger, error: (message: string) => void told.push(message) }
    await using node = make({ store, transport, logger })
    node.subscribe(() => {
      throw new Error('a bad listener')
    })
    await node.sync()
    expect(told).toEqual(['a listener to syncs threw'])
  },

  async metrics(make) {
    const { store, transport } = await ends()
    const syncs: SyncMeasure[] = []
    const metrics = { ...noMetrics, syncEnded: (sync: SyncMeasure) => void syncs.push(sync) }
    await using node = make({ store, transport, metrics })
    await node.append([note('n')])
    await node.sync()
    expect(syncs).toMatchObject([{ direction: 'both', outcome: 'ok', pushed: 1 }])
  },

  async health(make) {
    const { store, transport } = await ends()
    const names = new Set<string>()
    const health = {
      register(name: string) {
        names.add(name)
        return () => void names.delete(name)
      },
    }
    const node = make({ store, transport, health })
    expect([...names]).toEqual(['storage', 'transport'])
    await node.close()
    expect([...names]).toEqual([])
  },

  async runtime(make) {
    const { store, transport } = await ends()
    await using node = make({ store, transport, runtime: { ...systemRuntime, now: () => 42 } })
    expect((await node.sync()).startedAt).toBe(42)
  },
} satisfies Record<keyof SyncNodeOptions, Test>

describe('an option of a node', () =>
  testEachOption<SyncNodeOptions, SyncNode>(tests, {
    section: 'A node',
    make: (options) => new SyncNode(options),
  }))

describe('an option of a node, given to the builder,', () => {
  it.each(Object.entries(tests))('“%s” does what it says', (_, test) => test(built))
})

/** The same options, each by the method of its name. */
function built(options: SyncNodeOptions): SyncNode {
  let builder = syncNode()
  for (const [name, value] of Object.entries(options)) builder = builder[name as 'store'](value)
  return builder.build()
}

async function ends() {
  const store = await MemoryStore.open({ node: 'laptop' })
  const hub = await MemoryStore.open({ node: 'hub' })
  const transport = scriptedTransport(memoryTransport(hub))
  return { store, hub, transport }
}

type Scripted = ReturnType<typeof scriptedTransport<LogEvent>>

function hellosOf({ script }: Scripted): number {
  return script.calls.filter(({ method }) => method === 'hello').length
}

function sizesOf({ script }: Scripted): readonly number[] {
  const pushes = script.calls.filter(({ method }) => method === 'push')
  return pushes.map(
    ({ args }) => (args as Parameters<Transport<LogEvent>['push']>)[0].changes.length,
  )
}

const note = (id: string) => ({ id, type: 'noted', aggregateId: 'a', data: { id } })
const offline = new RejoinError('network', 'nobody there', {
  operation: 'hello',
  component: 'test',
})
