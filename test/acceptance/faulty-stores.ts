import type { EventStore, Page } from '../../src/contracts/index.ts'
import { type LogEvent, stubOf } from '../../src/event/index.ts'
import type { EventStoreFixture } from '../../src/testing/acceptance/event-store/fixture.ts'
import { cursorOf, parseCursor, readUpTo } from '../../src/version/index.ts'
import { journalFixture } from './memory-fixture.ts'

/** Stores with one fault each, and the tests of the suite that must notice it. */
export const faultyStores: readonly {
  readonly fixture: EventStoreFixture
  readonly noticed: readonly string[]
}[] = [
  {
    fixture: journalFixture({
      name: 'loses the last append on a crash',
      leftByCrash: (records) => records.slice(0, -1),
    }),
    noticed: ['L1: the last append is there (after a crash)'],
  },
  {
    fixture: journalFixture({
      name: 'repeats the last event of a page on the next one',
      wrap: (store) => overriding(store, { changes: repeating(store) }),
    }),
    noticed: ['L3: pages give every change once, in order, and say whether there is more'],
  },
  {
    fixture: journalFixture({
      name: 'skips an event at the edge of a page',
      wrap: (store) => overriding(store, { changes: skipping(store) }),
    }),
    noticed: ['L3: readers see each entry once and in order while others append'],
  },
  {
    fixture: journalFixture({
      name: 'saves the cursor before the data',
      wrap: (store) =>
        overriding(store, {
          async apply(batch, signal) {
            await store.apply({ ...batch, changes: [] }, signal)
            const { cursor: _, expects: __, ...data } = batch
            return store.apply(data, signal)
          },
        }),
    }),
    noticed: ['L1, L4: a crash on the way leaves each batch whole, with its cursor, or not at all'],
  },
  {
    fixture: journalFixture({
      name: 'takes an erasure for a stub like any other',
      wrap: (store) =>
        overriding(store, {
          async apply(batch, signal) {
            const known = await store.fetch(batch.changes.map(({ id }) => id))
            const full = new Set(known.filter(({ stub }) => stub === null).map(({ id }) => id))
            const changes = batch.changes.map((one) =>
              one.stub === 'erased' && full.has(one.id) ? stubOf(one) : one,
            )
            return store.apply({ ...batch, changes }, signal)
          },
        }),
    }),
    noticed: [
      'S1: all come to the same, whatever comes in whatever order',
      'an erasure goes to everyone, also to whom it came from',
    ],
  },
  {
    fixture: journalFixture({ name: 'commits out of order', wrap: outOfOrder }),
    noticed: ['L3: readers see each entry once and in order while others append'],
  },
  {
    fixture: journalFixture({
      name: 'forgets aborts',
      wrap: (store) => overriding(store, { apply: (batch) => store.apply(batch) }),
    }),
    noticed: ['apply with an aborted signal rejects with its reason and changes nothing'],
  },
  {
    fixture: journalFixture({
      name: 'stores other content under a known id',
      wrap: (store) =>
        overriding(store, {
          append: (events, options) =>
            store.append(
              events.map(({ id: _, ...event }) => event),
              options,
            ),
        }),
    }),
    noticed: ['L2: a known id with other data is refused and nothing changes'],
  },
  {
    fixture: journalFixture({
      name: 'takes a stub for known, and answers its content with duplicate',
      wrap: (store) =>
        overriding(store, {
          async apply(batch, signal) {
            const known = await store.fetch(batch.changes.map(({ id }) => id))
            const ids = new Set(known.map(({ id }) => id))
            const changes = batch.changes.map((one) => (ids.has(one.id) ? stubOf(one) : one))
            return store.apply({ ...batch, changes }, signal)
          },
        }),
    }),
    noticed: ['a full event that meets its stub fills it and moves to a new position'],
  },
  {
    fixture: journalFixture({
      name: 'keeps its place under another filter',
      wrap: (store) =>
        overriding(store, {
          changes(after, want, signal) {
            const point = parseCursor(after)
            const filter = want.filter?.fingerprint ?? ''
            return store.changes(point ? cursorOf({ ...point, filter }) : after, want, signal)
          },
        }),
    }),
    noticed: ['under another filter a cursor goes on from the start'],
  },
  {
    fixture: journalFixture({
      name: 'gives out cursors that know only of what was scanned',
      wrap: (store) =>
        overriding(store, {
          async changes(after, want, signal) {
            const page = await store.changes(after, want, signal)
            const point = page.kind === 'page' ? parseCursor(page.cursor) : undefined
            if (page.kind === 'reset' || point === undefined) return page
            const { mark, filter } = point
            return { ...page, cursor: cursorOf({ mark, filter, position: readUpTo(point) }) }
          },
        }),
    }),
    noticed: ['S4: half-way past where a row was, a cursor is for a log that knows where it went'],
  },
  {
    fixture: journalFixture({
      name: 'lists events where they are, whatever is asked for',
      wrap: (store) =>
        overriding(store, {
          entries: ({ placed: _, ...range } = {}, signal) => store.entries(range, signal),
        }),
    }),
    noticed: ['where that is asked for, it is listed at its first place for good'],
  },
  {
    fixture: journalFixture({
      name: 'shows what is asked for by its id to anybody',
      wrap: (store) => overriding(store, { fetch: (ids, signal) => store.fetch(ids, signal) }),
    }),
    noticed: ['an event fetched by its id shows no more than the filter does'],
  },
]

/** Positions are given out first; every other commit shows only after later ones do. */
function outOfOrder(store: EventStore): EventStore {
  const hidden = new Set<string>()
  let appends = 0
  return overriding(store, {
    async append(events, options) {
      const answer = await store.append(events, options)
      if (answer.kind === 'stale' || ++appends % 2 === 0) return answer
      for (const { id } of answer.events) hidden.add(id)
      for (let turn = 0; turn < 20; turn++) await Promise.resolve()
      for (const { id } of answer.events) hidden.delete(id)
      return answer
    },
    async changes(after, want, signal) {
      const page = await store.changes(after, want, signal)
      if (page.kind === 'reset') return page
      return { ...page, changes: page.changes.filter(({ id }) => !hidden.has(id)) }
    },
  })
}

function repeating(store: EventStore): EventStore['changes'] {
  let last: LogEvent | undefined
  return async (after, want, signal) => {
    const page = await store.changes(after, want, signal)
    if (page.kind === 'reset') return page
    const changes = after === '' || last === undefined ? page.changes : [last, ...page.changes]
    last = page.changes.at(-1)
    return { ...page, changes }
  }
}

function skipping(store: EventStore): EventStore['changes'] {
  return async (after, want, signal) => {
    const page = await store.changes(after, want, signal)
    return page.kind === 'page' && page.more ? withoutLast(page) : page
  }
}

function withoutLast(page: Page<LogEvent>): Page<LogEvent> {
  return page.changes.length < 2 ? page : { ...page, changes: page.changes.slice(0, -1) }
}

/** The store with some methods of its own. */
function overriding(store: EventStore, methods: Partial<EventStore>): EventStore {
  return new Proxy(store, {
    get(target, name) {
      const own = (methods as Record<PropertyKey, unknown>)[name]
      if (own !== undefined) return own
      const value = Reflect.get(target, name) as unknown
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
