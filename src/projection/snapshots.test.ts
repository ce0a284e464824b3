import { describe, expect, it } from 'vitest'
import { defineRules, historyOf } from '../conflict/index.ts'
import { snapshotType } from '../event/index.ts'
import { MemoryStore } from '../store/memory/index.ts'
import { memorySink, type ProjectionOptions, Projections, projection } from './index.ts'

type Events = { Added: { n: number }; 'rejoin.snapshot': { n: number } }
type Options = ProjectionOptions<Events, number>

const sum: Options = {
  name: 'sum',
  initial: 0,
  on: { Added: (total, { data }) => total + data.n },
}

describe.each([
  ['every event counts', undefined],
  ['conflicts are resolved', historyOf(defineRules({ fallback: 'last-write-wins' }))],
])('a projection that meets a snapshot, where %s', (_, history) => {
  it('folds it in place of what it stands for', async () => {
    const { store, projections } = await setUp(history)
    const model = projections.project({ ...sum, snapshot: (_, { n }) => n } as Options)
    await add(store, 1, 2)
    await model.run()
    await snap(store, 30)
    await add(store, 4)
    await model.run()
    expect(await model.get('a')).toBe(34)
    await model.rebuild()
    expect(await model.get('a')).toBe(34)
  })

  it('stands still without a fold for it, and says what to add', async () => {
    const { store, projections } = await setUp(history)
    const model = projections.project(sum)
    await add(store, 1, 2)
    await model.run()
    await snap(store, 3)
    const words = 'sum does not fold snapshots: give it a fold for it as its option "snapshot"'
    await expect(model.run()).rejects.toThrow(words)
    expect(await model.get('a')).toBe(3)
    expect(await model.status()).toMatchObject({ state: 'stopped' })
  })

  it('sets it aside where the policy says so, in a batch too', async () => {
    const { store, projections } = await setUp(history)
    const types = ['Added'] as const
    const batch = {
      types,
      fold: (total: number, events: readonly { data: { n: number } }[]) =>
        events.reduce((so, { data }) => so + data.n, total),
    }
    const { on, ...rest } = sum
    const model = projections.project({ ...rest, batch, poison: 'deadLetter' } as Options)
    await add(store, 1)
    await snap(store, 3)
    await add(store, 4)
    await model.run()
    expect(await model.get('a')).toBe(4)
    expect(await model.deadLetters()).toMatchObject([
      { type: snapshotType, message: expect.stringContaining('batch.types') },
    ])
  })

  it('goes on event by event after it, without a look at what came before', async () => {
    const { store, projections } = await setUp(history)
    let folded = 0
    const model = projections.project({
      ...sum,
      snapshot: (_, { n }) => n,
      on: {
        Added: (total: number, { data }: { data: { n: number } }) => total + data.n + 0 * ++folded,
      },
    } as Options)
    await snap(store, 0)
    for (let round = 0; round < 20; round++) {
      await add(store, 1)
      await model.run()
    }
    expect([await model.get('a'), folded]).toEqual([20, 20])
  })
})

it('a projection refuses two folds for snapshots, and one beside a batch', () => {
  const snapshot = () => 0
  const both = { ...sum, snapshot, on: { [snapshotType]: snapshot } }
  expect(() => projection(both)).toThrow('snapshot must be absent beside on["rejoin.snapshot"]')
  const batched = { name: 'b', initial: 0, snapshot, batch: { types: [], fold: () => 0 } }
  expect(() => projection(batched as Options)).toThrow('name rejoin.snapshot among batch.types')
})

it('a snapshot of newer code is not passed over: what comes after it would be folded on nothing', async () => {
  const { store, projections } = await setUp(undefined)
  const newer = new Projections({
    store,
    sink: memorySink(),
    rules: 'upcasters',
    read: (event) => Object.defineProperty(event, 'newer', { value: true }),
  })
  const model = newer.project({ ...sum, snapshot: (_, { n }) => n } as Options)
  await snap(store, 3)
  await expect(model.run()).rejects.toThrow('newer than this code')
  await projections.close()
})

it('a subscription sees it as an event like others, and no notices about what it covers', async () => {
  const { store, projections } = await setUp(
    historyOf(defineRules({ fallback: 'last-write-wins' })),
  )
  const told: string[] = []
  const subscribed = projections.subscribe<Events>({
    name: 'mail',
    handler: ({ kind, event }) => void told.push(`${kind} ${event.type}`),
  })
  await add(store, 1, 2)
  await subscribed.run()
  await snap(store, 3)
  await subscribed.run()
  expect(told).toEqual(['event Added', 'event Added', `event ${snapshotType}`])
})

async function setUp(history: ReturnType<typeof historyOf> | undefined) {
  const store = await MemoryStore.open({ node: 'one' })
  const given = history && { history, rules: 'rules' }
  return { store, projections: new Projections({ store, sink: memorySink(), ...given }) }
}

async function add(store: MemoryStore, ...numbers: readonly number[]): Promise<void> {
  for (const n of numbers) await store.append([{ type: 'Added', aggregateId: 'a', data: { n } }])
}

async function snap(store: MemoryStore, n: number): Promise<void> {
  await store.append([{ type: snapshotType, aggregateId: 'a', data: { n } }])
}
