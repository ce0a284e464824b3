import { expect, it } from 'vitest'
import { type EventId, snapshotType } from '../event/index.ts'
import { MemoryStore } from '../store/memory/index.ts'
import { memorySink, Projections } from './index.ts'

type Events = { Came: { name: string }; 'rejoin.snapshot': { name: string } }

it('C2: the letter of a covered event goes, also when others before it have just gone', async () => {
  const store = await MemoryStore.open()
  await using projections = new Projections({ store, sink: memorySink() })
  const model = projections.project<Events, number>({
    name: 'guests',
    poison: 'deadLetter',
    // So few letters are looked at together, and so many events, page by page, before anything is kept.
    batchSize: 2,
    key: () => 'all',
    initial: 0,
    on: {
      Came: (count, { data }) => {
        if (data.name !== 'Dan') throw new Error('not invited')
        return count + 1
      },
    },
    snapshot: (count) => count + 10,
  })
  const came = (name: string) =>
    store.append([{ id: name, type: 'Came', aggregateId: name, data: { name } }])
  const letters = async () => (await model.deadLetters()).map(({ id }) => id).sort()
  for (const name of ['Ann', 'Bob', 'Cleo']) await came(name)
  await model.run()
  expect(await letters()).toEqual(['Ann', 'Bob', 'Cleo'])

  // Takes away the first of the letters that are kept together ...
  await store.erase(['Ann'] as EventId[])
  await came('Dan')
  // ... and this, a page later, one behind them.
  const data = { name: 'Cleo' }
  await store.append([{ id: 'snapshot', type: snapshotType, aggregateId: 'Cleo', data }])
  await model.run()
  expect(await letters()).toEqual(['Bob'])
  expect(await model.get('all')).toBe(11)
})
