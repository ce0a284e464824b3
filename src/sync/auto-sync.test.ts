import { describe, expect, it } from 'vitest'
import { eventually } from '../../test/options/each-option.ts'
import { type ErrorCode, type ErrorDetails, RejoinError } from '../errors/index.ts'
import { silentLogger } from '../ports/index.ts'
import { MemoryStore } from '../store/memory/index.ts'
import { scriptedTransport } from '../testing/doubles/scripted.ts'
import { handDriven } from '../transport/fixtures/hand-driven.ts'
import { memoryTransport } from '../transport/memory/index.ts'
import { AutoSync } from './auto-sync.ts'
import { SyncNode, type SyncNodeOptions, type SyncResult } from './index.ts'

const minute = 60_000

describe('automatic syncs', () => {
  it('come one interval after the start, and one after the end of the one before', async () => {
    const { auto, gaps } = scripted([[], [], []])
    auto.start(undefined)
    expect(await gaps(3)).toEqual([1_000, 1_000, 1_000])
  })

  it('that fail wait longer each time, up to five minutes, until one succeeds', async () => {
    const failures = Array.from({ length: 10 }, () => [failure('network')])
    const { auto, gaps } = scripted([...failures, [], []], { random: 1 })
    auto.start(undefined)
    const doubling = [1, 2, 4, 8, 16, 32, 64, 128, 256].map((n) => n * 1_000)
    expect(await gaps(12)).toEqual([...doubling, 5 * minute, 5 * minute, 1_000])
  })

  it('that fail wait a random part of that, and never less than the interval', async () => {
    const outcomes = [[failure('network')], [failure('network')], []]
    for (const [random, expected] of [
      [0, [1_000, 1_000, 1_000]],
      [0.5, [1_000, 1_500, 2_500]],
    ] as const) {
      const { auto, gaps } = scripted([...outcomes], { random })
      auto.start(undefined)
      expect(await gaps(3)).toEqual(expected)
    }
  })

  it('keep to an interval beyond five minutes', async () => {
    const { auto, gaps } = scripted([[failure('network')], []], { interval: 9 * minute, random: 1 })
    auto.start(undefined)
    expect(await gaps(2)).toEqual([9 * minute, 9 * minute])
  })

  it('wait as long as the remote asks', async () => {
    const { auto, gaps } = scripted([[failure('unavailable', { retryAfter: 7 * minute })], []])
    auto.start(undefined)
    expect(await gaps(2)).toEqual([1_000, 7 * minute])
  })

  it('are not held up by events that are refused', async () => {
    const { auto, gaps } = scripted([[failure('rejected')], [failure('rejected')], []], {
      random: 1,
    })
    auto.start(undefined)
    expect(await gaps(3)).toEqual([1_000, 1_000, 1_000])
  })

  it('go on after one that was ended from elsewhere', async () => {
    const { auto, gaps } = scripted(['throws', []], { random: 0 })
    auto.start(undefined)
    expect(await gaps(2)).toEqual([1_000, 1_000])
  })

  it('are one series, however often they are started, and none when stopped', async () => {
    const { auto, runtime, syncs } = scripted([[], [], []])
    auto.start(undefined)
    auto.start(undefined)
    expect(runtime.pending).toBe(1)
    auto.stop()
    auto.stop()
    expect(runtime.pending).toBe(0)
    auto.start(undefined)
    runtime.pass(1_000)
    await eventually(() => syncs() === 1 && runtime.pending === 1)
  })

  it('end with the signal they were started with, and let go of it when stopped', async () => {
    const { auto, runtime } = scripted([[]])
    const [first, second] = [new AbortController(), new AbortController()]
    auto.start(first.signal)
    auto.stop()
    auto.start(second.signal)
    first.abort()
    expect(runtime.pending).toBe(1)
    second.abort()
    expect(runtime.pending).toBe(0)
  })

  it('stopped during one let it end, and start afresh', async () => {
    const gate = Promise.withResolvers<SyncResult>()
    const runtime = handDriven()
    let syncs = 0
    const sync = () => {
      syncs++
      return gate.promise
    }
    const auto = new AutoSync({ interval: 1_000, sync, runtime, logger: silentLogger })
    auto.start(undefined)
    runtime.pass(1_000)
    auto.stop()
    auto.start(undefined)
    gate.resolve(resultOf([]))
    await gate.promise
    await Promise.resolve()
    expect(syncs).toBe(1)
    expect(runtime.pending).toBe(1)
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
  return { node, runtime, results, timers: () => runtime.pending }
}

/** Syncs that come to these errors one after the other, and a clock that is moved to each. */
function scripted(
  outcomes: readonly (readonly RejoinError[] | 'throws')[],
  { interval = 1_000, random = 0 }: { readonly interval?: number; readonly random?: number } = {},
) {
  const runtime = Object.assign(handDriven(), { random: () => random })
  const times: number[] = []
  const sync = async () => {
    const outcome = outcomes[times.length] ?? []
    times.push(runtime.now())
    if (outcome === 'throws') throw new Error('ended')
    return resultOf(outcome)
  }
  const auto = new AutoSync({ interval, sync, runtime: drivenBy(runtime), logger: silentLogger })
  const waits: number[] = []
  function drivenBy(hand: typeof runtime) {
    return {
      ...hand,
      timer(ms: number, callback: () => void) {
        waits.push(ms)
        return hand.timer(ms, callback)
      },
    }
  }
  return {
    auto,
    runtime,
    syncs: () => times.length,
    /** The waits before the first syncs, each passed when it begins. */
    async gaps(count: number): Promise<readonly number[]> {
      for (let n = 1; n <= count; n++) {
        await eventually(() => waits.length === n)
        runtime.pass(waits[n - 1] as number)
        await eventually(() => times.length === n)
      }
      return waits.slice(0, count)
    },
  }
}

function resultOf(errors: readonly RejoinError[]): SyncResult {
  return { ok: errors.length === 0, errors } as unknown as SyncResult
}

function failure(code: ErrorCode, details: ErrorDetails = {}): RejoinError {
  return new RejoinError(code, 'it failed', { operation: 'sync', component: 'test', details })
}
