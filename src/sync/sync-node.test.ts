import { describe, expect, it } from 'vitest'
import type { Transport } from '../contracts/index.ts'
import { RejoinError } from '../errors/index.ts'
import type { LogEvent } from '../event/index.ts'
import { silentLogger } from '../ports/index.ts'
import { MemoryStore } from '../store/memory/index.ts'
import { testRuntime } from '../testing/acceptance/event-store/test-runtime.ts'
import { scriptedTransport } from '../testing/doubles/scripted.ts'
import { memoryTransport } from '../transport/memory/index.ts'
import { SyncNode, type SyncNodeOptions, type SyncResult } from './index.ts'

describe('a sync', () => {
  it('moves both ways and says what it did', async () => {
    const { node, hub } = await pair()
    await node.append([note('l1'), note('l2')])
    await hub.append([note('h1')])
    const result = await node.sync()
    expect(result).toEqual({
      ok: true,
      pushed: 2,
      pulled: 1,
      // Both wrote to one note.
      conflictsResolved: 1,
      conflictsToReview: 0,
      otherRules: [],
      errors: [],
      startedAt: 1_777_636_800_000,
      duration: expect.any(Number),
      localVersion: (await node.status()).position === 3n && expect.stringMatching(/\.3\.$/),
      remoteVersion: expect.stringMatching(/\.1\.$/),
    })
    expect((await hub.status()).events).toBe(3n)
  })

  it('one way leaves the other way for later', async () => {
    const { node, hub } = await pair()
    await node.append([note('l1')])
    await hub.append([note('h1')])
    expect(await node.push()).toMatchObject({ ok: true, pushed: 1, pulled: 0 })
    expect((await node.status()).events).toBe(1n)
    await node.append([note('l2')])
    expect(await node.pull()).toMatchObject({ ok: true, pushed: 0, pulled: 1 })
    expect((await hub.status()).events).toBe(2n)
  })

  it('with nobody there is not ok, and says why; the next one makes up for it', async () => {
    const { store, hub } = await pair()
    let down = true
    const transport = scriptedTransport(memoryTransport(hub), {
      hello: (hello, ...args) => (down ? Promise.reject(offline()) : hello(...args)),
    })
    const node = new SyncNode({ store, transport })
    await node.append([note('l1')])
    const result = await node.sync()
    expect(result).toMatchObject({ ok: false, pushed: 0, pulled: 0, remoteVersion: '' })
    expect(result.errors.map((error) => [error.code, error.retryable])).toEqual([['network', true]])
    down = false
    expect(await node.sync()).toMatchObject({ ok: true, pushed: 1 })
  })

  it('goes in batches of the size asked for', async () => {
    const { store, hub } = await pair()
    const sizes: number[] = []
    const transport = scriptedTransport(memoryTransport(hub), {
      push: (push, batch, signal) => {
        sizes.push(batch.changes.length)
        return push(batch, signal)
      },
    })
    const node = new SyncNode({ store, transport, batchSize: 2 })
    for (let n = 0; n < 5; n++) await node.append([note(`l${n}`)])
    await node.sync()
    expect(sizes).toEqual([2, 2, 1])
  })

  it('tells its progress', async () => {
    const { node, hub } = await pair({ batchSize: 1 })
    await node.append([note('l1'), note('l2')])
    await hub.append([note('h1')])
    const told: object[] = []
    await node.sync({ onProgress: (progress) => told.push(progress) })
    expect(told.at(-1)).toEqual({ pushed: 2, pulled: 1 })
  })
})

describe('concurrent syncs', () => {
  it('share one run', async () => {
    const { node, gate, hellos } = await gated()
    await node.append([note('l1')])
    const runs = [node.sync(), node.sync(), node.sync()]
    gate.open()
    const [one, two, three] = await Promise.all(runs)
    expect(hellos()).toBe(1)
    expect(two).toBe(one)
    expect(three).toBe(one)
    expect((await node.sync()) === one).toBe(false)
  })

  it('that come when the run has begun get what was appended since', async () => {
    const { node, gate, hellos, greeted } = await gated()
    const progress: object[] = []
    const early = node.sync()
    await greeted
    await node.append([note('l1')])
    const late = node.sync({ onProgress: (moved) => progress.push(moved) })
    gate.open()
    expect(await late).toBe(await early)
    expect(await late).toMatchObject({ ok: true, pushed: 1 })
    expect(progress.at(-1)).toMatchObject({ pushed: 1 })
    expect(hellos()).toBe(2)
    const { links } = await node.status()
    expect(links[0]?.unsynced).toBe(0n)
  })

  it('are not ended by a callback that throws', async () => {
    const { node } = await pair()
    await node.append([note('l1')])
    const onProgress = () => {
      throw new Error('a bad callback')
    }
    expect(await node.sync({ onProgress })).toMatchObject({ ok: true, pushed: 1 })
  })

  it('of different directions run one after the other', async () => {
    const { node, gate } = await gated()
    const ended: string[] = []
    const runs = (['sync', 'push', 'pull'] as const).map((way) =>
      node[way]().then(() => ended.push(way)),
    )
    gate.open()
    await Promise.all(runs)
    expect(ended).toEqual(['sync', 'push', 'pull'])
  })
})

describe('an abort', () => {
  it('by one of two callers lets the other have the result', async () => {
    const { node, gate } = await gated()
    const controller = new AbortController()
    const reason = new Error('enough')
    const leaving = node.sync({ signal: controller.signal })
    const staying = node.sync({ signal: new AbortController().signal })
    controller.abort(reason)
    await expect(leaving).rejects.toBe(reason)
    gate.open()
    expect((await staying).ok).toBe(true)
  })

  it('by one caller lets one without a signal have the result', async () => {
    const { node, gate } = await gated()
    const controller = new AbortController()
    const leaving = node.sync({ signal: controller.signal })
    const staying = node.sync()
    controller.abort()
    await expect(leaving).rejects.toThrow(/aborted/)
    gate.open()
    expect((await staying).ok).toBe(true)
  })

  it('by all callers ends the run, and the next sync is a new one', async () => {
    const { node, gate, greeted, hellos, results } = await gated()
    const controllers = [new AbortController(), new AbortController()]
    const runs = controllers.map(({ signal }) => node.sync({ signal }))
    await greeted
    const outcomes = Promise.allSettled(runs)
    for (const controller of controllers) controller.abort(new Error('enough'))
    for (const outcome of await outcomes) expect(outcome).toMatchObject({ status: 'rejected' })
    gate.open()
    expect((await node.sync()).ok).toBe(true)
    expect(hellos()).toBe(2)
    expect(results).toHaveLength(1)
  })

  it('before the call rejects with the reason and asks nobody', async () => {
    const { node, hellos } = await gated()
    const reason = new Error('enough')
    for (const way of ['sync', 'push', 'pull'] as const)
      await expect(node[way]({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(hellos()).toBe(0)
  })

  it('while another direction runs leaves that one alone', async () => {
    const { node, gate } = await gated()
    const controller = new AbortController()
    const running = node.sync()
    const waiting = node.push({ signal: controller.signal })
    controller.abort()
    await expect(waiting).rejects.toThrow(/aborted/)
    gate.open()
    expect((await running).ok).toBe(true)
    expect((await node.push()).ok).toBe(true)
  })

  it('after the end harms nothing', async () => {
    const { node } = await pair()
    const controller = new AbortController()
    await node.sync({ signal: controller.signal })
    controller.abort()
    expect((await node.sync()).ok).toBe(true)
  })
})

describe('a subscriber', () => {
  it('hears each result, whoever asked for it, until it leaves', async () => {
    const { node } = await pair()
    const heard: SyncResult[] = []
    const leave = node.subscribe((result) => heard.push(result))
    const results = [await node.sync(), await node.push(), await node.pull()]
    expect(heard).toEqual(results)
    leave()
    leave()
    await node.sync()
    expect(heard).toHaveLength(3)
  })

  it('hears of trouble, but not of aborts', async () => {
    const { store, hub } = await pair()
    const controller = new AbortController()
    let trouble: 'offline' | 'abort' = 'offline'
    const transport = scriptedTransport(memoryTransport(hub), {
      hello: async (hello, ...args) => {
        if (trouble === 'offline') throw offline()
        controller.abort()
        return hello(...args)
      },
    })
    const node = new SyncNode({ store, transport })
    const heard: boolean[] = []
    node.subscribe((result) => heard.push(result.ok))
    await node.sync()
    trouble = 'abort'
    await expect(node.sync({ signal: controller.signal })).rejects.toThrow(/aborted/)
    expect(heard).toEqual([false])
  })

  it('that throws disturbs neither the sync nor the others', async () => {
    const complaints: unknown[] = []
    const logger = {
      ...silentLogger,
      error: (_: string, fields: unknown) => void complaints.push(fields),
    }
    const { node } = await pair({ logger })
    const error = new Error('oops')
    node.subscribe(() => {
      throw error
    })
    let heard = 0
    node.subscribe(() => heard++)
    expect((await node.sync()).ok).toBe(true)
    expect(heard).toBe(1)
    expect(complaints).toEqual([{ error }])
  })
})

describe('a node', () => {
  it('without a transport works locally, and can’t sync', async () => {
    const node = new SyncNode({ store: await MemoryStore.open() })
    await node.append([note('l1')])
    for (const way of ['sync', 'push', 'pull'] as const)
      await expect(node[way]()).rejects.toMatchObject({ code: 'invalid_argument' })
    await node.close()
  })

  it('refuses a batch size that is none', async () => {
    const store = await MemoryStore.open()
    for (const batchSize of [0, -1, 1.5, Number.NaN])
      expect(() => new SyncNode({ store, batchSize })).toThrow(/batchSize/)
  })

  it('rejects everything once it is closed, and closes store and transport', async () => {
    const { node, store, transport } = await pair()
    await node.append([note('l1')])
    await Promise.all([node.close(), node.close(), node[Symbol.asyncDispose]()])
    const closed = { code: 'closed' }
    await expect(node.append([note('l2')])).rejects.toMatchObject(closed)
    await expect(node.heads('a')).rejects.toMatchObject(closed)
    await expect(node.status()).rejects.toMatchObject(closed)
    await expect(node.read().next()).rejects.toMatchObject(closed)
    await expect(node.readAggregate('a').next()).rejects.toMatchObject(closed)
    await expect(node.decide('a', () => [])).rejects.toMatchObject(closed)
    for (const way of ['sync', 'push', 'pull'] as const)
      await expect(node[way]()).rejects.toMatchObject(closed)
    await expect(store.status()).rejects.toMatchObject(closed)
    await expect(transport.pull('' as never, {} as never)).rejects.toMatchObject(closed)
  })

  it('closed during a sync makes it reject with “closed”, and loses nothing', async () => {
    const { node, store, hub, gate, greeted } = await gated()
    await node.append([note('l1')])
    const running = node.sync()
    const waiting = node.push()
    await greeted
    const outcomes = Promise.allSettled([running, waiting])
    const closing = node.close()
    gate.open()
    for (const outcome of await outcomes)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'closed' } })
    await closing
    await expect(store.status()).rejects.toMatchObject({ code: 'closed' })
    expect((await hub.status()).events).toBe(0n)
  })

  it('closed while appends are under way lets them finish', async () => {
    const { node } = await pair()
    const appends = Array.from({ length: 5 }, (_, n) => node.append([note(`l${n}`)]))
    await node.close()
    expect(await Promise.all(appends)).toHaveLength(5)
  })
})

const note = (id: string) => ({ id, type: 'noted', aggregateId: 'a', data: { id } })

async function pair(options: Partial<SyncNodeOptions> = {}) {
  const store = await MemoryStore.open({ node: 'laptop' })
  const hub = await MemoryStore.open({ node: 'hub' })
  const transport = memoryTransport(hub)
  const node = new SyncNode({ store, transport, runtime: testRuntime(), ...options })
  return { node, store, hub, transport }
}

/** A node whose remote answers hello only when the gate is open. */
async function gated() {
  const { store, hub, transport } = await pair()
  const gate = Promise.withResolvers<void>()
  const greeting = Promise.withResolvers<void>()
  let hellos = 0
  const slow: Transport<LogEvent> = scriptedTransport(transport, {
    async hello(hello, mine, signal) {
      if (mine.you === undefined) hellos++
      greeting.resolve()
      await gate.promise
      return hello(mine, signal)
    },
  })
  const node = new SyncNode({ store, transport: slow })
  const results: SyncResult[] = []
  node.subscribe((result) => results.push(result))
  return {
    node,
    store,
    hub,
    results,
    greeted: greeting.promise,
    hellos: () => hellos,
    gate: { open: () => gate.resolve() },
  }
}

function offline(): RejoinError {
  return new RejoinError('network', 'nobody there', { operation: 'hello', component: 'test' })
}
