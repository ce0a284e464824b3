import { describe, expect, it } from 'vitest'
import { RejoinError } from '../errors/index.ts'
import { scripted } from '../testing/doubles/scripted.ts'
import { handDriven } from '../transport/fixtures/hand-driven.ts'
import { add, type Events, setUp, sum, until } from './fixtures/summing.ts'
import { memorySink, type ProjectionOptions, Projections, projection } from './index.ts'

type Options = ProjectionOptions<Events, number>

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

function keysOf({ results }: { results: readonly { key: string }[] }): readonly string[] {
  return results.map(({ key }) => key)
}
