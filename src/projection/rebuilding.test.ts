import { describe, expect, it } from 'vitest'
import { MemoryStore } from '../store/memory/index.ts'
import { add, type Events, setUp, sum } from './fixtures/summing.ts'
import { type ProjectionOptions, Projections } from './index.ts'

type Options = ProjectionOptions<Events, number>

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
