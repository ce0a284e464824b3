import { describe, expect, it } from 'vitest'
import { machine, sync, write } from '../../test/fleet.ts'
import { systemRuntime } from '../runtime/index.ts'
import { scriptedTransport } from '../testing/doubles/scripted.ts'
import { memoryTransport } from '../transport/memory/index.ts'
import { Pace } from './pace.ts'

describe('the size of a batch', () => {
  it('begins with 100 and doubles, while batches are quick, up to the most', () => {
    const pace = new Pace({ count: 2_000, bytes: 1 }, 5)
    const sizes = Array.from({ length: 7 }, () => {
      const { count } = pace
      pace.took(count, 20)
      return count
    })
    expect(sizes).toEqual([100, 200, 400, 800, 1_600, 2_000, 2_000])
  })

  it('stays where a batch takes neither long nor little, and halves where it takes long', () => {
    const pace = new Pace({ count: 2_000, bytes: 1 }, 0)
    pace.took(100, 70)
    expect(pace.count).toBe(100)
    for (const _ of [200, 400]) pace.took(pace.count, 5)
    for (const expected of [200, 100, 100]) {
      pace.took(pace.count, 500)
      expect(pace.count).toBe(expected)
    }
    for (const expected of [50, 25, 12, 6, 3, 1, 1]) {
      pace.took(pace.count, 5_000)
      expect(pace.count).toBe(expected)
    }
  })

  it('takes no notice of how far away the remote is', () => {
    const pace = new Pace({ count: 2_000, bytes: 1 }, 600)
    pace.took(100, 620)
    expect(pace.count).toBe(200)
    // The greeting was slow only because the connection was new.
    pace.took(200, 80)
    expect(pace.count).toBe(400)
    pace.took(400, 600)
    expect(pace.count).toBe(200)
  })

  it('learns nothing from a batch that the end of the log or its bytes cut short', () => {
    const pace = new Pace({ count: 2_000, bytes: 1 }, 5)
    pace.took(99, 5)
    pace.took(0, 5_000)
    expect(pace.count).toBe(100)
    pace.took(40, 5_000)
    expect(pace.count).toBe(20)
  })

  it('is never more than the most, and fixed without a greeting', () => {
    expect(new Pace({ count: 30, bytes: 1 }, 5).count).toBe(30)
    const fixed = new Pace({ count: 30, bytes: 1 })
    for (const time of [1, 5_000, 1]) fixed.took(30, time)
    expect(fixed.count).toBe(30)
  })
})

describe('a sync', () => {
  it.each([
    { what: 'asks for more and more at a time', batch: {}, limit: 2_000, most: 400 },
    { what: 'keeps to the count it is given', batch: { count: 50 }, limit: 2_000, most: 50 },
    { what: 'keeps to what the remote takes', batch: {}, limit: 120, most: 120 },
  ])('$what', async ({ batch, limit, most }) => {
    const [laptop, hub] = [await machine('laptop'), await machine('hub')]
    const ids = Array.from({ length: 1_000 }, (_, n) => n)
    await write(laptop, 'l', ...ids.map((n) => `l${n}`))
    await write(hub, 'h', ...ids.map((n) => `h${n}`))
    const moved: number[][] = [[], []]
    const remote = memoryTransport(hub.store, { limits: { count: limit } })
    const transport = scriptedTransport(remote, {
      async push(push, sent, signal) {
        moved[0]?.push(sent.changes.length)
        return push(sent, signal)
      },
      async pull(pull, after, want, signal) {
        moved[1]?.push(want.count)
        return pull(after, want, signal)
      },
    })
    // A clock that stands still: every batch is quick.
    const runtime = { ...systemRuntime, monotonic: () => 0 }
    await sync(laptop, hub, { transport, batch, runtime })
    for (const sizes of moved) {
      expect(sizes[0]).toBe(Math.min(100, most))
      expect(Math.max(...sizes)).toBe(most)
    }
  })

  it('with a remote that takes nothing pushes nothing, and pulls', async () => {
    const [laptop, hub] = [await machine('laptop'), await machine('hub')]
    await write(laptop, 'l', 'l1')
    await write(hub, 'h', 'h1')
    const transport = scriptedTransport(memoryTransport(hub.store), {
      hello: async (hello, ...args) => ({
        ...(await hello(...args)),
        limits: { count: 0, bytes: 1_000 },
      }),
    })
    expect(await sync(laptop, hub, { transport })).toMatchObject({ pushed: 0, pulled: 1 })
    expect((await hub.store.status()).events).toBe(1n)
    expect(await sync(laptop, hub)).toMatchObject({ pushed: 1 })
  })
})
