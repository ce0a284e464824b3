import { describe, expect, it } from 'vitest'
import { lineTo, until } from '../../test/linked.ts'
import { defineRules } from '../conflict/index.ts'
import { noMetrics, type SyncMeasure } from '../ports/index.ts'
import { MemoryStore } from '../store/memory/index.ts'
import { scriptedStore } from '../testing/doubles/scripted.ts'
import { handDriven } from '../transport/fixtures/hand-driven.ts'
import { memoryTransport } from '../transport/memory/index.ts'
import { SyncNode, type SyncNodeOptions, type SyncResult } from './index.ts'

describe('what moves while a node is live', () => {
  it('is told as a sync is, to listeners and metrics', async () => {
    const measures: SyncMeasure[] = []
    const metrics = { ...noMetrics, syncEnded: (one: SyncMeasure) => void measures.push(one) }
    const { node, hub, results, runtime } = await live({ metrics })
    const before = results.length
    await hub.append([note('h1'), note('h2')])
    await until(() => results.length > before)
    const { end } = await hub.identity()
    expect(results.at(-1)).toMatchObject({
      ok: true,
      pushed: 0,
      pulled: 2,
      errors: [],
      startedAt: runtime.now(),
      duration: 0,
      remoteVersion: end,
      localVersion: (await node.store.identity()).end,
    })
    expect(measures.at(-1)).toMatchObject({ direction: 'both', outcome: 'ok', pulled: 2 })
    await node.append([note('n1')])
    await until(() => results.at(-1)?.pushed === 1)
    await node.close()
    expect(results.reduce((sum, one) => sum + one.pushed + one.pulled, 0)).toBe(3)
  })

  it('is told with the conflicts it brought', async () => {
    const rules = defineRules({ fallback: 'manual-review' })
    const { node, hub, line, results, runtime } = await live({ rules })
    line.cut()
    await until(() => node.links()[0]?.phase === 'waiting')
    await hub.append([note('theirs')])
    await node.append([note('ours')])
    line.heal()
    runtime.pass(60_000)
    await until(() => results.some(({ conflictsToReview }) => conflictsToReview === 1))
    // Live, and on another aggregate: each result counts its own.
    const push = line.hold('push')
    await node.append([{ ...note('ours-b'), aggregateId: 'b' }])
    await push.reached
    await hub.append([{ ...note('theirs-b'), aggregateId: 'b' }])
    await until(() => results.at(-1)?.pulled === 1)
    expect(results.at(-1)).toMatchObject({ conflictsToReview: 1, conflictsResolved: 0 })
    push.release()
    await hub.append([{ ...note('more'), aggregateId: 'c' }])
    await until(() => results.at(-1)?.conflictsToReview === 0)
    await node.close()
  })

  it('goes on when it can’t be told', async () => {
    const store = scriptedStore(await MemoryStore.open())
    const told: string[] = []
    const logger = {
      debug() {},
      info() {},
      warn() {},
      error: (words: string) => void told.push(words),
    }
    const { node, hub, results } = await live({ store, logger })
    const before = results.length
    node.subscribe(() => {
      throw new Error('a bad listener')
    })
    // Its rejection would end the process.
    const rejecting: () => unknown = () => Promise.reject(new Error('no better one'))
    node.subscribe(rejecting)
    await hub.append([note('h1')])
    await until(() => results.length > before)
    await hub.append([note('h2')])
    await until(async () => (await store.status()).events === 2n)
    expect(new Set(told)).toEqual(new Set(['a listener to syncs threw']))
    await node.close()
  })
})

describe('a node that was restarted while its remote is away', () => {
  it('knows what is unsent, from what the log knows of its one remote', async () => {
    const [store, hub] = [await MemoryStore.open({ node: 'laptop' }), await MemoryStore.open()]
    const line = lineTo(memoryTransport(hub))
    const made = () =>
      new SyncNode({
        store,
        transport: line.transport,
        realtime: true,
        retry: false,
        runtime: handDriven(),
      })
    const first = made()
    await first.append([note('n1')])
    expect((await first.explain()).unsent).toEqual({ count: 1, more: false })
    await first.sync()
    line.cut()
    await first.append([note('n2'), note('n3')])
    const second = made()
    second.startAutoSync()
    await until(() => second.links()[0]?.phase === 'waiting')
    expect(await second.explain()).toMatchObject({
      unsent: { count: 2, more: false },
      blocked: { cause: 'unreachable' },
    })
    await second.close()
  })
})

async function live(options: Partial<SyncNodeOptions> = {}) {
  const store = options.store ?? (await MemoryStore.open({ node: 'laptop' }))
  const hub = await MemoryStore.open({ node: 'hub' })
  const line = lineTo(memoryTransport(hub))
  const runtime = handDriven()
  const made = { transport: line.transport, runtime, realtime: true, retry: false as const }
  const node = Object.assign(new SyncNode({ ...made, ...options, store }), { store })
  const results: SyncResult[] = []
  node.subscribe((result) => results.push(result))
  node.startAutoSync()
  await until(() => node.links()[0]?.phase === 'live' && results.length > 0)
  return { node, hub, line, runtime, results }
}

const note = (id: string) => ({ id, type: 'noted', aggregateId: 'a', data: { id } })
