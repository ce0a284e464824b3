import { expect, it } from 'vitest'
import type { EventId } from '../event/index.ts'
import { MemoryStore } from '../store/memory/index.ts'
import { memorySink, Projections } from './index.ts'

type Events = { Came: { name: string } }

it.each(['key', 'fold', 'handler'])(
  'what a %s threw over an event is forgotten with its content: it may quote it',
  async (where) => {
    const store = await MemoryStore.open()
    const sink = memorySink()
    await using projections = new Projections({ store, sink })
    const look = (at: string, { name }: { name: string }) => {
      if (at === where && name !== 'Bob') throw new Error(`who is ${name}?`)
    }
    const poison = 'deadLetter'
    const one =
      where === 'handler'
        ? projections.subscribe<Events>({
            name: 'guests',
            poison,
            handler: ({ event }) => look('handler', event.data as Events['Came']),
          })
        : projections.project<Events, number>({
            name: 'guests',
            poison,
            batchSize: 2,
            key: ({ data }) => {
              look('key', data)
              return 'all'
            },
            initial: 0,
            on: {
              Came: (count, { data }) => {
                look('fold', data)
                return count + 1
              },
            },
          })
    for (const name of ['Ann', 'Bob', 'Cleo', 'Dan'])
      await store.append([{ id: name, type: 'Came', aggregateId: name, data: { name } }])
    const letters = async () => (await one.deadLetters()).map(({ message }) => message).sort()
    await one.run()
    expect(await letters()).toEqual(['who is Ann?', 'who is Cleo?', 'who is Dan?'])
    await store.erase(['Ann', 'Dan'] as EventId[])
    await one.run()
    expect(await letters()).toEqual(['who is Cleo?'])
    await one.retryDeadLetters()
    expect(await letters()).toEqual(['who is Cleo?'])
  },
)
