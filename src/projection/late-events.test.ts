import { describe, expect, it } from 'vitest'
import { defineRules, historyOf } from '../conflict/index.ts'
import { foreignEvent } from '../event/index.ts'
import { systemRuntime } from '../runtime/index.ts'
import { MemoryStore } from '../store/memory/index.ts'
import { scripted } from '../testing/doubles/scripted.ts'
import { add, type Events, elsewhere, setUp, sum } from './fixtures/summing.ts'
import { Projections } from './index.ts'

describe('what comes late', () => {
  it.each([
    ['one key over all aggregates', () => 'all'],
    ['one aggregate', undefined],
  ])('folds only what comes after it again, for %s', async (_, key) => {
    const { store, projections } = await setUp()
    let folds = 0
    const on = {
      Added: (total: number, { data }: { data: { n: number } }) => {
        folds++
        return total + data.n
      },
    }
    const counted = scripted(store)
    await using all = new Projections({ store: counted })
    const model = all.project<Events, number>({
      ...sum,
      on,
      ...(key && { key }),
      checkpointEvery: 100,
    })
    const { store: away } = await setUp()
    await away.append([{ type: 'Added', aggregateId: 'a', data: { n: 1_000_000 } }])
    for (let n = 0; n < 20; n++) await add(store, 'a', ...Array.from({ length: 500 }, () => 1))
    await model.run()
    const late = (await away.entries({})).entries.map(({ event }) => event)
    for (let n = 0; n < 2; n++) await add(store, 'a', ...Array.from({ length: 100 }, () => 1))
    await model.run()
    folds = 0
    // Stamped before all: everything is folded again.
    await store.apply({ via: elsewhere, role: 'pulled', changes: late })
    await model.run()
    expect(folds).toBe(10_201)
    // Just behind the last but a few: next to nothing is.
    folds = 0
    const { entries } = await store.entries({ after: 10_150n as never })
    const neighbour = entries[0]!.event
    const [near] = await stampedAt(neighbour.stamp)
    await store.apply({ via: elsewhere, role: 'pulled', changes: [near!] })
    await model.run()
    expect(folds).toBeGreaterThan(50)
    // All of its millisecond, at the worst.
    expect(folds).toBeLessThan(2_000)
    expect(await model.get(key ? 'all' : 'a')).toBe(1_010_205)
    await projections.close()
  })
})

it('C2: an event without causality that comes before a conflict changes what that is resolved on', async () => {
  const store = await MemoryStore.open({ node: 'a' })
  const history = historyOf(defineRules({ fallback: 'merge-fields' }))
  await using projections = new Projections({ store, history, rules: 'merge' })
  const model = projections.project<Events, number>({
    ...sum,
    on: { Added: (_, { data }) => data.n },
  })
  const away = await MemoryStore.open({ node: 'b' })
  await add(store, 'a', 1)
  await add(away, 'a', 2)
  const theirs = (await away.entries({})).entries.map(({ event }) => event)
  await store.apply({ via: elsewhere, role: 'pulled', changes: theirs })
  await model.run()
  expect(await model.get('a')).toBe(2)
  // From 2 on, only the other branch has changed anything.
  const content = { id: 'f', type: 'Added', aggregateId: 'a', dataText: '{"n":2}' }
  const before = foreignEvent(
    { ...content, metadataText: '{"timestamp":"2020-01-01T00:00:00Z"}' },
    systemRuntime,
  )
  await store.apply({ via: elsewhere, role: 'pushed', changes: [before] })
  await model.run()
  expect(await model.get('a')).toBe(1)
})

describe('S5: what is larger than what is held at a time', () => {
  it('folds an aggregate of many windows again, window by window', async () => {
    const { store, projections } = await setUp()
    const model = projections.project<Events, { last: number; wrong: number }>({
      name: 'ordered',
      initial: { last: -1, wrong: 0 },
      checkpointEvery: 100_000,
      on: {
        Added: ({ last, wrong }, { data }) => ({
          last: data.n,
          wrong: wrong + Number(data.n !== last + 1),
        }),
      },
    })
    // What was written first comes last.
    const now = () => Date.now() - 60_000
    const away = await MemoryStore.open({ runtime: { ...systemRuntime, now } })
    const half = 15_000
    for (let n = 0; n < half; n += 1_000)
      await add(away, 'a', ...Array.from({ length: 1_000 }, (_, m) => n + m))
    for (let n = half; n < 2 * half; n += 1_000)
      await add(store, 'a', ...Array.from({ length: 1_000 }, (_, m) => n + m))
    await projections.run()
    expect(await model.get('a')).toEqual({ last: 29_999, wrong: 1 })
    const changes = (await away.entries({ count: half, bytes: 2 ** 30 })).entries
    const batch = changes.map(({ event }) => event)
    await store.apply({ via: elsewhere, role: 'pulled', changes: batch })
    await projections.run()
    expect(await model.get('a')).toEqual({ last: 29_999, wrong: 0 })
  })

  it('remembers the results of more keys than it holds', async () => {
    const { store, projections } = await setUp()
    const model = projections.project<Events, number>({
      ...sum,
      key: ({ data }) => `key-${data.n % 12_000}`,
    })
    for (let round = 0; round < 2; round++)
      for (let n = 0; n < 12; n++) {
        await add(store, `a${n}`, ...Array.from({ length: 1_000 }, (_, m) => n * 1_000 + m))
        if (n % 5 === 4) await projections.run()
      }
    await projections.run()
    const { results, more } = await model.list({ limit: 100_000 })
    expect(more).toBe(false)
    expect(results).toHaveLength(12_000)
    for (const { key, value } of results) expect(`key-${value / 2}`).toBe(key)
  })
})

/** An event of another node, written at that stamp. */
async function stampedAt(stamp: bigint) {
  const now = Number(stamp / 1_000_000n)
  const away = await MemoryStore.open({ runtime: { ...systemRuntime, now: () => now } })
  await add(away, 'a', 5)
  return (await away.entries({})).entries.map(({ event }) => event)
}
