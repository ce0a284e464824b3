import { describe, expect, it } from 'vitest'
import { defineRules, historyOf } from '../conflict/index.ts'
import { RejoinError } from '../errors/index.ts'
import { foreignEvent, type Origin } from '../event/index.ts'
import { systemRuntime } from '../runtime/index.ts'
import { MemoryStore } from '../store/memory/index.ts'
import { scripted } from '../testing/doubles/scripted.ts'
import { handDriven } from '../transport/fixtures/hand-driven.ts'
import { memorySink, type ProjectionOptions, Projections, projection } from './index.ts'

type Events = { Added: { n: number } }
type Options = ProjectionOptions<Events, number>

const sum: Options = {
  name: 'sum',
  initial: 0,
  on: { Added: (total, { data }) => total + data.n },
}

describe('a projection', () => {
  it('folds each aggregate, and lists results by prefix and in pages', async () => {
    const { store, projections } = await setUp()
    const model = projections.project<Events, number>(sum)
    expect(await model.get('a')).toBeUndefined()
    expect(await model.list()).toEqual({ results: [], cursor: '', more: false })
    await add(store, 'a', 1, 2, 3)
    for (const id of ['b', 'ba', 'bb', 'c😀', 'c\uffee']) await add(store, id, 1)
    await model.run()
    expect(await model.get('a')).toBe(6)
    expect(keysOf(await model.list({ prefix: 'b' }))).toEqual(['b', 'ba', 'bb'])
    expect(keysOf(await model.list({ prefix: 'b', after: 'b', limit: 1 }))).toEqual(['ba'])
    expect((await model.list({ limit: 2 })).more).toBe(true)
    // By code points: the emoji is beyond all that UTF-16 has in one unit.
    expect(keysOf(await model.list({ after: 'bb' }))).toEqual(['c\uffee', 'c😀'])
    expect((await model.list({ after: 'a', limit: 5 })).more).toBe(false)
    expect((await model.list()).cursor).toBe((await store.identity()).end)
  })

  it('is refused when it makes no sense', async () => {
    const wrong: readonly (readonly [unknown, string])[] = [
      [{}, 'name is missing'],
      [{ ...sum, name: 'a b' }, 'name must be letters'],
      [{ ...sum, initial: undefined }, 'initial is missing'],
      [{ ...sum, version: 0 }, 'version must be a whole number above 0'],
      [{ ...sum, on: undefined }, 'on is missing: given, or batch'],
      [{ ...sum, batch: { types: ['Added'], fold: () => 0 } }, 'and not both'],
      [{ ...sum, on: { Added: 1 } }, 'on.Added must be a function'],
      [{ ...sum, poison: 'ignore' }, 'poison must be "stop" or "retry" or "deadLetter"'],
      [{ ...sum, timeout: 0 }, 'timeout must be a whole number from 1'],
      [{ ...sum, batchSize: 0 }, 'batchSize must be'],
      [{ ...sum, checkpointEvery: 0 }, 'checkpointEvery must be'],
    ]
    for (const [options, words] of wrong) {
      const make = () => projection(options as Options)
      expect(make).toThrow(words)
      expect(make).toThrow(RejoinError)
    }
    const { projections } = await setUp()
    projections.project<Events, number>(sum)
    expect(() => projections.project<Events, number>({ ...sum })).toThrow('another')
  })

  it('can’t change a state in place', async () => {
    const { store, projections } = await setUp()
    const model = projections.project<Events, { n: number }>({
      name: 'mutating',
      initial: () => ({ n: 0 }),
      on: {
        Added: (state, { data }) => {
          state.n += data.n
          return state
        },
      },
    })
    await add(store, 'a', 1)
    await expect(model.run()).rejects.toThrow('read only')
  })

  it('is woken by commits, and is up to date without being asked', async () => {
    const { store, projections } = await setUp()
    projections.start()
    const { promise, resolve } = Promise.withResolvers<void>()
    const on = {
      Added: (total: number, { data }: { data: { n: number } }) => {
        if (data.n === 7) resolve()
        return total + data.n
      },
    }
    projections.project<Events, number>({ ...sum, on })
    await add(store, 'a', 1)
    await add(store, 'a', 7)
    await promise
  })

  it('folds in batches, and finds the one event of a batch that throws', async () => {
    const { store, projections } = await setUp()
    const sizes: number[] = []
    const model = projections.project<Events, number>({
      name: 'batched',
      initial: 0,
      poison: 'deadLetter',
      batchSize: 4,
      batch: {
        types: ['Added'],
        fold: (total, events) => {
          sizes.push(events.length)
          for (const { data } of events) if (data.n === 13) throw new Error('unlucky')
          return events.reduce((all, { data }) => all + data.n, total)
        },
      },
    })
    await add(store, 'a', 1, 2, 3, 4, 5, 13, 6, 7, 8)
    await model.run()
    expect(await model.get('a')).toBe(36)
    expect(sizes).toEqual([4, 4, 1, 1, 1, 1, 1])
    expect(await model.deadLetters()).toMatchObject([{ key: 'a', message: 'unlucky' }])
  })
})

describe('an event that can’t be folded', () => {
  const picky = (poison: Options['poison'], isMended: () => boolean): Options => ({
    ...sum,
    batchSize: 2,
    ...(poison && { poison }),
    on: {
      Added: (total, { data }) => {
        if (data.n === 13 && !isMended()) throw new Error('unlucky')
        return total + data.n
      },
    },
  })

  it('stops the projection where it stands: what came before is kept, and shown', async () => {
    const { store, projections } = await setUp()
    let isMended = false
    const model = projections.project<Events, number>(picky('stop', () => isMended))
    await add(store, 'a', 1, 2, 13, 4)
    await expect(model.run()).rejects.toMatchObject({
      code: 'internal',
      message: expect.stringContaining('unlucky'),
      details: { projection: 'sum', key: 'a', type: 'Added' },
    })
    expect(await model.status()).toMatchObject({ state: 'stopped', error: { code: 'internal' } })
    expect(await model.get('a')).toBe(3)
    isMended = true
    await model.run()
    expect(await model.get('a')).toBe(20)
    expect(await model.status()).toMatchObject({ state: 'idle', lag: 0n })
    expect(await model.status()).not.toHaveProperty('error')
  })

  it('is tried again, ever more slowly', async () => {
    const runtime = handDriven()
    const { store, projections } = await setUp({ runtime })
    let tries = 0
    const model = projections.project<Events, number>(picky('retry', () => ++tries > 6))
    await add(store, 'a', 1, 13)
    const run = model.run()
    await until(() => runtime.pending > 0)
    expect(await model.status()).toMatchObject({ state: 'waiting', error: { code: 'internal' } })
    for (let waits = 0; waits < 2; waits++) {
      runtime.pass(100 * 2 ** waits)
      await until(() => runtime.pending > 0 || tries > 6)
    }
    runtime.pass(400)
    await run
    expect(await model.get('a')).toBe(14)
  })

  it('is set aside and listed, and folded when asked to, at its place', async () => {
    const { store, projections } = await setUp()
    let isMended = false
    const model = projections.project<Events, number>(picky('deadLetter', () => isMended))
    await add(store, 'a', 1, 13, 4)
    await add(store, 'b', 13)
    await model.run()
    expect(await model.get('a')).toBe(5)
    expect((await model.deadLetters()).map(({ key }) => key)).toEqual(['a', 'b'])
    expect(await model.retryDeadLetters()).toBe(2)
    expect((await model.status()).deadLetters).toBe(2)
    isMended = true
    await model.retryDeadLetters()
    expect(await model.deadLetters()).toEqual([])
    expect(await model.get('a')).toBe(18)
    expect(await model.get('b')).toBe(13)
  })

  it('is one whose fold takes too long', async () => {
    const runtime = handDriven()
    const { store, projections } = await setUp({ runtime })
    let signal: AbortSignal | undefined
    const model = projections.project<Events, number>({
      ...sum,
      timeout: 50,
      on: {
        Added: (_, __, tools) => {
          signal = tools.signal
          return new Promise<number>(() => {})
        },
      },
    })
    await add(store, 'a', 1)
    const run = model.run()
    run.catch(() => {})
    await until(() => runtime.pending > 0)
    runtime.pass(50)
    // The pages before it would have been kept first: it is asked once more.
    await until(() => runtime.pending > 0)
    runtime.pass(50)
    await expect(run).rejects.toMatchObject({ code: 'timeout' })
    expect(signal?.aborted).toBe(true)
  })
})

describe('a rebuild', () => {
  it('leaves the old result in place until the new one is there, and tells how far it is', async () => {
    const { store, sink, projections } = await setUp()
    const old = projections.project<Events, number>(sum)
    await add(store, 'a', 1, 2, 3)
    await add(store, 'gone', 1)
    await old.run()
    await projections.close()

    const next = new Projections({ store, sink })
    const { promise: reached, resolve: reach } = Promise.withResolvers<void>()
    const { promise: gate, resolve: open } = Promise.withResolvers<void>()
    const on = {
      Added: async (
        total: number,
        { data, aggregateId }: { data: { n: number }; aggregateId: string },
      ) => {
        reach()
        await gate
        return aggregateId === 'gone' ? undefined : total + 10 * data.n
      },
    }
    const model = next.project<Events, number>({ ...sum, version: 2, batchSize: 1, on } as Options)
    const progress: number[] = []
    const run = model.run({ onProgress: ({ done, total }) => progress.push(done / total) })
    await reached
    expect(await model.get('a')).toBe(6)
    expect(await model.status()).toMatchObject({ version: 1, rebuilding: { version: 2 } })
    open()
    await run
    expect(await model.get('a')).toBe(60)
    expect(await model.get('gone')).toBeUndefined()
    expect(progress.at(-1)).toBe(1)
    expect(await model.status()).toMatchObject({ version: 2, lag: 0n })
    expect(await model.status()).not.toHaveProperty('rebuilding')
    // Nothing of the old one is left.
    expect(await sink.list('sum', '1.results', { limit: 10 })).toEqual([])
    await next.close()
  })

  it('is not undone by a process with an older version: that one only reads', async () => {
    const { store, sink, projections } = await setUp()
    await add(store, 'a', 1)
    await projections.project<Events, number>({ ...sum, version: 2 }).run()
    await using older = new Projections({ store, sink })
    const model = older.project<Events, number>(sum)
    await add(store, 'a', 1)
    await model.run()
    expect(await model.status()).toMatchObject({ state: 'outdated', version: 2, lag: 1n })
    expect(await model.get('a')).toBe(1)
  })

  it('of other rules folds anew, and the process that came first stands back', async () => {
    const { store, sink } = await setUp()
    const history = () => []
    await add(store, 'a', 1)
    await using one = new Projections({ store, sink })
    await using other = new Projections({ store, sink, history, rules: 'none' })
    const [first, second] = [one, other].map((all) => all.project<Events, number>({ ...sum }))
    await first!.run()
    await second!.run()
    expect(await first!.get('a')).toBeUndefined()
    await first!.run()
    expect(await first!.status()).toMatchObject({ state: 'outdated' })
    expect(await second!.status()).toMatchObject({ state: 'idle', lag: 0n })
  })

  it('that is called off goes on later, and is left alone by what happens to the old result', async () => {
    const { store, projections } = await setUp()
    let isMended = false
    let calls = 0
    const controller = new AbortController()
    const on = {
      Added: async (total: number, { data }: { data: { n: number } }) => {
        if (++calls === 6) controller.abort(new Error('enough'))
        if (data.n === 13 && !isMended) throw new Error('unlucky')
        return total + data.n
      },
    }
    const options = { ...sum, on, batchSize: 1, poison: 'deadLetter' } as const
    const model = projections.project<Events, number>(options)
    await add(store, 'a', 1, 13, 3)
    await model.run()
    await expect(model.rebuild({ signal: controller.signal })).rejects.toThrow('enough')
    expect(await model.status()).toHaveProperty('rebuilding')
    isMended = true
    expect(await model.retryDeadLetters()).toBe(1)
    expect(await model.get('a')).toBe(17)
    expect(await model.status()).toMatchObject({ rebuilding: { events: 0 }, deadLetters: 0 })
    await model.run()
    expect(await model.status()).not.toHaveProperty('rebuilding')
    expect(await model.get('a')).toBe(17)
  })

  it('S4: begins by itself when the log is another one than the sink knows', async () => {
    const { store, sink, projections } = await setUp()
    await add(store, 'a', 1, 2, 3)
    await projections.project<Events, number>(sum).run()
    const restored = await MemoryStore.open()
    await add(restored, 'a', 1)
    await using later = new Projections({ store: restored, sink })
    const model = later.project<Events, number>({ ...sum })
    await model.run()
    expect(await model.get('a')).toBe(1)
  })
})

describe('projections', () => {
  it('work three at a time', async () => {
    const { store, projections } = await setUp()
    let [atWork, most] = [0, 0]
    const on = {
      Added: async (total: number, { data }: { data: { n: number } }) => {
        most = Math.max(most, ++atWork)
        await new Promise<void>((next) => setImmediate(next))
        atWork--
        return total + data.n
      },
    }
    const models = Array.from({ length: 8 }, (_, n) =>
      projections.project<Events, number>({ ...sum, name: `sum-${n}`, on }),
    )
    await add(store, 'a', 1, 2, 3)
    await projections.run()
    expect(most).toBe(3)
    for (const model of models) expect(await model.get('a')).toBe(6)
  })

  it('are called off by a signal, and closed while they work', async () => {
    const { store, projections } = await setUp()
    const { promise: reached, resolve: reach } = Promise.withResolvers<void>()
    const on = {
      Added: () => {
        reach()
        return new Promise<number>(() => {})
      },
    }
    const model = projections.project<Events, number>({ ...sum, on })
    await add(store, 'a', 1)
    const controller = new AbortController()
    const run = model.run({ signal: controller.signal })
    await reached
    controller.abort(new Error('enough'))
    await expect(run).rejects.toThrow('enough')
    expect(await model.status()).toMatchObject({ lag: 1n })
    const again = model.run()
    again.catch(() => {})
    await projections.close()
    await expect(again).rejects.toMatchObject({ code: 'closed' })
    await projections.close()
  })

  it('try again by themselves when the sink fails in a way that passes', async () => {
    const runtime = handDriven()
    const { store } = await setUp()
    const sink = scripted(memorySink())
    const busy = new RejoinError('storage_busy', 'busy', { operation: 'w', component: 't' })
    sink.script.fail('commit', busy, { nth: 2 })
    await using projections = new Projections({ store, sink, runtime })
    const model = projections.project<Events, number>(sum)
    await add(store, 'a', 1)
    const run = model.run()
    await until(() => runtime.pending > 0)
    expect((await model.status()).error).toBe(busy)
    runtime.pass(100)
    await run
    expect(await model.get('a')).toBe(1)
  })
})

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

const elsewhere = 'elsewhere~0123456789abcdef' as Origin

/** An event of another node, written at that stamp. */
async function stampedAt(stamp: bigint) {
  const now = Number(stamp / 1_000_000n)
  const away = await MemoryStore.open({ runtime: { ...systemRuntime, now: () => now } })
  await add(away, 'a', 5)
  return (await away.entries({})).entries.map(({ event }) => event)
}

async function setUp(options: { runtime?: ReturnType<typeof handDriven> } = {}) {
  const store = await MemoryStore.open()
  const sink = memorySink()
  return { store, sink, projections: new Projections({ store, sink, ...options }) }
}

async function add(store: MemoryStore, aggregateId: string, ...numbers: number[]): Promise<void> {
  await store.append(numbers.map((n) => ({ type: 'Added', aggregateId, data: { n } })))
}

function keysOf({ results }: { results: readonly { key: string }[] }): readonly string[] {
  return results.map(({ key }) => key)
}

async function until(isSo: () => boolean): Promise<void> {
  const end = performance.now() + 30_000
  while (!isSo() && performance.now() < end) await new Promise<void>((next) => setImmediate(next))
  expect(isSo(), 'it does not happen').toBe(true)
}
