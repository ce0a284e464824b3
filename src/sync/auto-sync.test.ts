import { describe, expect, it } from 'vitest'
import { eventually } from '../../test/options/each-option.ts'
import { type ErrorCode, type ErrorDetails, RejoinError } from '../errors/index.ts'
import type { LogEvent } from '../event/index.ts'
import { Link } from '../link/index.ts'
import { MemoryStore } from '../store/memory/index.ts'
import { scriptedTransport } from '../testing/doubles/scripted.ts'
import { handDriven } from '../transport/fixtures/hand-driven.ts'
import { memoryTransport } from '../transport/memory/index.ts'
import { nullTransport } from '../transport/null/index.ts'
import { SyncNode, type SyncNodeOptions, type SyncResult } from './index.ts'

const minute = 60_000

describe('automatic syncs', () => {
  it('come one interval after the start, and one after the end of the one before', async () => {
    const { link, gaps } = scripted([[], [], []])
    link.start({ later: true })
    expect(await gaps(3)).toEqual([1_000, 1_000, 1_000])
  })

  it('come up to a tenth earlier, by chance, so that many nodes spread out', async () => {
    const { link, gaps } = scripted([[], []], { random: 0.5 })
    link.start({ later: true })
    expect(await gaps(2)).toEqual([950, 950])
  })

  it('that fail wait longer each time, up to five minutes, until one succeeds', async () => {
    const failures = Array.from({ length: 10 }, () => [failure('network')])
    const { link, gaps } = scripted([...failures, [], []], { random: 1 })
    link.start({ later: true })
    const doubling = [2, 4, 8, 16, 32, 64, 128, 256].map((n) => n * 1_000)
    expect(await gaps(12)).toEqual([900, ...doubling, 5 * minute, 5 * minute, 900])
  })

  it('that fail wait a random part of that, and never less than the interval', async () => {
    const outcomes = [[failure('network')], [failure('network')], []]
    for (const [random, expected] of [
      [0, [1_000, 1_000, 1_000]],
      [0.5, [950, 1_500, 2_500]],
    ] as const) {
      const { link, gaps } = scripted([...outcomes], { random })
      link.start({ later: true })
      expect(await gaps(3)).toEqual(expected)
    }
  })

  it('keep to an interval beyond five minutes', async () => {
    const { link, gaps } = scripted([[failure('network')], []], { interval: 9 * minute })
    link.start({ later: true })
    expect(await gaps(2)).toEqual([9 * minute, 9 * minute])
  })

  it('wait as long as the remote asks, and an hour at most', async () => {
    const asks = (retryAfter: number) => [failure('unavailable', { retryAfter })]
    const { link, gaps } = scripted([asks(7 * minute), asks(10_000 * minute), []])
    link.start({ later: true })
    expect(await gaps(3)).toEqual([1_000, 7 * minute, 60 * minute])
  })

  it('are not held up by events that are refused', async () => {
    const { link, gaps } = scripted([[failure('rejected')], [failure('rejected')], []])
    link.start({ later: true })
    expect(await gaps(3)).toEqual([1_000, 1_000, 1_000])
  })

  it('go on after one that was ended from elsewhere', async () => {
    const { link, gaps } = scripted(['throws', []])
    link.start({ later: true })
    expect(await gaps(2)).toEqual([1_000, 1_000])
  })

  it('are one series, however often they are started, and none when stopped', async () => {
    const { link, runtime, syncs } = scripted([[], [], []])
    link.start({ later: true })
    link.start({ later: true })
    expect(runtime.pending).toBe(1)
    link.stop()
    link.stop()
    expect(runtime.pending).toBe(0)
    link.start({ later: true })
    runtime.pass(1_000)
    await eventually(() => syncs() === 1 && runtime.pending === 1)
  })
})

describe('a node that syncs by itself', () => {
  it('tells its subscribers, also of what a call of sync() joined', async () => {
    const { node, runtime, results } = await automatic()
    node.startAutoSync()
    runtime.pass(1_000)
    const joined = await node.sync()
    await eventually(() => results.length > 0)
    expect(results[0]).toBe(joined)
  })

  it('ends with the signal it was started with, and lets go of it when stopped', async () => {
    const { node, timers } = await automatic()
    const [first, second] = [new AbortController(), new AbortController()]
    node.startAutoSync({ signal: first.signal })
    node.stopAutoSync()
    node.startAutoSync({ signal: second.signal })
    first.abort()
    expect(timers()).toBe(1)
    second.abort()
    expect(timers()).toBe(0)
  })

  it('stopped during a sync lets it end, and starts afresh', async () => {
    const { node, runtime, results, transport } = await automatic()
    const gate = transport.script.hold('hello')
    node.startAutoSync()
    runtime.pass(1_000)
    await gate.reached
    node.stopAutoSync()
    node.startAutoSync()
    gate.release()
    await eventually(() => results.length === 1)
    expect(results[0]?.ok).toBe(true)
    await eventually(() => runtime.pending === 1)
    runtime.pass(1_000)
    await eventually(() => results.length === 2)
  })

  it('stops when it is told to, and when it is closed', async () => {
    const { node, runtime, timers } = await automatic()
    node.startAutoSync()
    node.startAutoSync()
    expect(timers()).toBe(1)
    node.stopAutoSync()
    node.stopAutoSync()
    expect(timers()).toBe(0)
    node.startAutoSync()
    await node.close()
    expect(runtime.pending).toBe(0)
    expect(() => node.startAutoSync()).toThrow(expect.objectContaining({ code: 'closed' }))
    node.stopAutoSync()
  })

  it.each([
    ['interval', { interval: 0 }, /interval/],
    ['a transport', { transport: undefined, interval: 5 }, /transport/],
  ])('needs %s', async (_, options, words) => {
    const { transport, ...rest } = options as Partial<SyncNodeOptions>
    const store = await MemoryStore.open()
    const remote = 'transport' in options ? {} : { transport: memoryTransport(store) }
    expect(transport).toBeUndefined()
    const node = new SyncNode({ store, ...remote, ...rest })
    const error = { code: 'invalid_argument', message: expect.stringMatching(words) }
    expect(() => node.startAutoSync()).toThrow(expect.objectContaining(error))
    node.stopAutoSync()
  })

  it('does not start with a signal that is aborted', async () => {
    const { node, timers } = await automatic()
    const reason = new Error('enough')
    expect(() => node.startAutoSync({ signal: AbortSignal.abort(reason) })).toThrow(reason)
    expect(timers()).toBe(0)
  })
})

async function automatic() {
  const runtime = handDriven()
  const [store, hub] = [await MemoryStore.open(), await MemoryStore.open()]
  const transport = scriptedTransport(memoryTransport(hub))
  const node = new SyncNode({ store, transport, runtime, interval: 1_000 })
  const results: SyncResult[] = []
  node.subscribe((result) => results.push(result))
  return { node, runtime, results, transport, timers: () => runtime.pending }
}

/** A link that only polls, whose syncs come to these errors one after the other, and its waits. */
function scripted(
  outcomes: readonly (readonly RejoinError[] | 'throws')[],
  { interval = 1_000, random = 0 }: { readonly interval?: number; readonly random?: number } = {},
) {
  const hand = Object.assign(handDriven(), { random: () => random })
  const waits: number[] = []
  let syncs = 0
  const runtime = {
    ...hand,
    timer(ms: number, callback: () => void) {
      waits.push(ms)
      return hand.timer(ms, callback)
    },
  }
  const link = new Link<LogEvent>({
    replica: nobody,
    transport: nullTransport(),
    realtime: false,
    interval,
    runtime,
    async round() {
      const errors = outcomes[syncs++] ?? []
      if (errors === 'throws') throw new Error('ended')
      return { pushed: 0, pulled: 0, errors }
    },
  })
  return {
    link,
    runtime: hand,
    syncs: () => syncs,
    /** The waits before the first syncs, each passed when it begins. */
    async gaps(count: number): Promise<readonly number[]> {
      for (let n = 1; n <= count; n++) {
        await eventually(() => waits.length === n)
        hand.pass(waits[n - 1] as number)
        await eventually(() => syncs === n)
      }
      return waits.slice(0, count)
    },
  }
}

const nobody = await MemoryStore.open()

function failure(code: ErrorCode, details: ErrorDetails = {}): RejoinError {
  return new RejoinError(code, 'it failed', { operation: 'sync', component: 'test', details })
}
