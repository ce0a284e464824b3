import { describe, expect, it } from 'vitest'
import { MemoryStore } from '../store/memory/index.ts'
import { stubOf, writer } from '../testing/acceptance/event-store/elsewhere.ts'
import type { Position } from '../version/index.ts'
import { SyncNode } from './index.ts'

describe('reading', () => {
  it('gives every entry in order, across pages', async () => {
    const { node } = await filled(2_500)
    const entries = await allOf(node.read())
    expect(entries.map((entry) => entry.event.data)).toEqual(numbers(2_500))
    expect(entries.map((entry) => entry.position)).toEqual(numbers(2_500).map((n) => BigInt(n + 1)))
  })

  it('goes on after a position, and stops at a count', async () => {
    const { node } = await filled(30)
    const after = 10n as Position
    const range = { after, count: 5 }
    expect((await allOf(node.read(range))).map((one) => one.event.data)).toEqual([
      10, 11, 12, 13, 14,
    ])
    expect(await allOf(node.read({ after: 30n as Position }))).toEqual([])
    expect(await allOf(node.read({ count: 0 }))).toEqual([])
    const { node: large } = await filled(2_100)
    expect(await allOf(large.read({ count: 2_050 }))).toHaveLength(2_050)
  })

  it('gives one aggregate’s events', async () => {
    const { node } = await filled(30)
    const events = await allOf(node.readAggregate('a1'))
    expect(events.map((event) => event.data)).toEqual(numbers(30).filter((n) => n % 3 === 1))
    expect(await allOf(node.readAggregate('unknown'))).toEqual([])
    expect(await node.heads('a1')).toEqual([events.at(-1)?.id])
  })

  it('leaves stubs out', async () => {
    const { node, store } = await filled(2)
    const there = writer()
    const hidden = there.write()
    await store.apply({ via: there.origin, role: 'pulled', changes: [stubOf(hidden)] })
    expect(await allOf(node.read())).toHaveLength(2)
    await store.apply({ via: there.origin, role: 'pulled', changes: [hidden] })
    expect(await allOf(node.read())).toHaveLength(3)
  })

  it('may be left early, and sees what is appended while it goes on', async () => {
    const { node } = await filled(3)
    for await (const _ of node.read()) break
    let seen = 0
    for await (const _ of node.read({ bytes: 1 })) {
      seen++
      if (seen <= 2) await node.append([{ type: 'noted', aggregateId: 'b' }])
    }
    expect(seen).toBe(5)
  })
})

describe('with an aborted signal', () => {
  const reason = new Error('enough')
  const signal = AbortSignal.abort(reason)

  it('every method of a node rejects with its reason', async () => {
    const { node } = await filled(3)
    const event = { type: 'noted', aggregateId: 'a1' }
    await expect(node.append([event], { signal })).rejects.toBe(reason)
    await expect(node.read({}, { signal }).next()).rejects.toBe(reason)
    await expect(node.readAggregate('a1', { signal }).next()).rejects.toBe(reason)
    await expect(node.heads('a1', { signal })).rejects.toBe(reason)
    await expect(node.status({ signal })).rejects.toBe(reason)
    await expect(node.decide('a1', () => [event], { signal })).rejects.toBe(reason)
    expect((await node.status()).events).toBe(3n)
  })

  it('reading ends in the middle', async () => {
    const { node } = await filled(10)
    const controller = new AbortController()
    let seen = 0
    const reading = (async () => {
      for await (const _ of node.read({ bytes: 1 }, { signal: controller.signal }))
        if (++seen === 3) controller.abort(reason)
    })()
    await expect(reading).rejects.toBe(reason)
    expect(seen).toBe(3)
  })
})

async function filled(count: number) {
  const store = await MemoryStore.open()
  const node = new SyncNode({ store })
  for (let from = 0; from < count; from += 1_000) {
    const some = numbers(Math.min(1_000, count - from))
    await node.append(
      some.map((n) => ({ type: 'noted', aggregateId: `a${(from + n) % 3}`, data: from + n })),
    )
  }
  return { node, store }
}

async function allOf<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = []
  for await (const item of items) all.push(item)
  return all
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, n) => n)
}
