import { expect, it } from 'vitest'
import { foreignEvent, type Origin, snapshotType } from '../event/index.ts'
import { systemRuntime } from '../runtime/index.ts'
import { MemoryStore } from '../store/memory/index.ts'
import { memorySink, Projections } from './index.ts'

type Events = { Added: { n: number }; 'rejoin.snapshot': { n: number } }

it('C2: what was erased, and moves behind what takes its place, does not take that along', async () => {
  const early = { ...systemRuntime, now: () => Date.UTC(2026, 2, 1) }
  const away = await MemoryStore.open({ node: 'away', runtime: early })
  const store = await MemoryStore.open({ node: 'here' })
  await using projections = new Projections({ store, sink: memorySink() })
  const model = projections.project<Events, number>({
    name: 'sums',
    // Whatever has a key of its own is remembered by its place.
    key: () => 'all',
    initial: 0,
    batchSize: 1,
    on: { Added: (sum, { data }) => sum + data.n },
    snapshot: (_, data) => data.n,
  })
  await away.append([{ id: 'beside', type: 'Added', aggregateId: 'a', data: { n: 1 } }])
  await store.append([{ id: 'snapshot', type: snapshotType, aggregateId: 'a', data: { n: 10 } }])
  const beside = (await away.entries({})).entries.map(({ event }) => event)
  await store.apply({ via: elsewhere, role: 'pulled', changes: beside })
  await model.run()
  expect(await model.get('all')).toBe(11)

  // Each of the two was written before the snapshot, and is the first that comes after it.
  const content = { id: 'foreign', type: 'Added', aggregateId: 'a', dataText: '{"n":100}' }
  const metadataText = '{"timestamp":"2026-03-02T00:00:00Z"}'
  const foreign = foreignEvent({ ...content, metadataText }, systemRuntime)
  await store.apply({ via: elsewhere, role: 'pushed', changes: [foreign] })
  await store.erase(beside.map(({ id }) => id))
  await model.run()
  expect(await model.get('all')).toBe(110)
})

const elsewhere = 'elsewhere~0123456789abcdef' as Origin
