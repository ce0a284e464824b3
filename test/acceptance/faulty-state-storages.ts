import {
  type Batch,
  matchesPattern,
  type StateChange,
  type StateRow,
  type StateStorage,
} from '../../src/contracts/index.ts'
import type { StateStorageFixture } from '../../src/testing/acceptance/state-storage/fixture.ts'
import { cursorOf, type Position, parseCursor, readUpTo } from '../../src/version/index.ts'
import { memoryStateFixture, sqliteStateFixture } from './state-fixtures.ts'

/** State storages with one fault each, and the tests of the suite that must notice it. */
export const faultyStateStorages: readonly {
  readonly fixture: StateStorageFixture
  readonly noticed: readonly string[]
}[] = [
  {
    fixture: faulty('commits whatever has been written since', (storage) => ({
      async commit(what, signal) {
        for (;;) {
          const { end } = await storage.rows([])
          const answer = await storage.commit({ ...what, expects: end }, signal)
          if (answer.kind === 'committed') return answer
        }
      },
    })),
    noticed: [
      'a commit that expects another end is stale and stores nothing',
      'of commits made at once with the same end one is stored, the others are stale',
    ],
  },
  {
    fixture: faulty('takes whatever comes last', (storage) => ({
      async apply(batch, signal) {
        const { end } = await storage.rows([])
        await storage.commit({ expects: end, changes: batch.changes }, signal)
        return { kind: 'applied', receipts: batch.changes.map(() => ({ kind: 'stored' })) }
      },
    })),
    noticed: [
      'T1: what comes is joined with what stands there, on arrival',
      'T1: the same changes in any order and any batches end in the same rows',
      'T5: times that no clock may show are refused, and the rest goes in',
      'X1: a change that breaks a rule is refused alone',
    ],
  },
  {
    fixture: faulty('rounds times to what JavaScript can hold', (storage) => ({
      async rows(paths, signal) {
        const answer = await storage.rows(paths, signal)
        const found = answer.found.map((one) => ({ ...one, row: one.row && rounded(one.row) }))
        return { ...answer, found }
      },
    })),
    noticed: ['T4: what was committed is there as it was, digit for digit'],
  },
  {
    fixture: faulty('lists what is deleted', (storage) => ({
      async list(range = {}, signal) {
        const list = await storage.list(range, signal)
        const { rows } = await storage.feed({ count: 10_000 })
        return { ...list, rows: range.pattern === 'nothing/*' ? rows : list.rows }
      },
    })),
    noticed: ['a pattern lists what matches, at equal depth, without what is deleted'],
  },
  {
    fixture: faulty('lets a pattern reach deeper', (storage) => ({
      async list({ pattern, ...range } = {}, signal) {
        if (pattern === undefined || !pattern.endsWith('/*') || pattern.split('*').length > 2)
          return storage.list(pattern === undefined ? range : { ...range, pattern }, signal)
        const all = await storage.list(range, signal)
        const prefix = pattern.slice(0, -1)
        return { ...all, rows: all.rows.filter(({ path }) => path.startsWith(prefix)) }
      },
    })),
    noticed: ['a pattern lists what matches, at equal depth, without what is deleted'],
  },
  {
    fixture: faulty('has oldest first, whatever is asked for', (storage) => ({
      list: (range, signal) => storage.list({ ...range, order: 'oldest' }, signal),
    })),
    noticed: ['lists have the order, limit and time range asked for'],
  },
  {
    fixture: faulty('counts a page for the whole', (storage) => ({
      async paths(range, signal) {
        const page = await storage.paths(range, signal)
        return { ...page, total: page.paths.length }
      },
    })),
    noticed: ['paths come in their order, a page at a time, with how many there are'],
  },
  {
    fixture: faulty('skips a row at the edge of a page', (storage) => ({
      async feed(range, signal) {
        const page = await storage.feed(range, signal)
        return page.more ? { ...page, next: (page.next + 1n) as Position } : page
      },
    })),
    noticed: ['L3: pages of the feed give every row once, in order'],
  },
  {
    fixture: faulty('forgets deletes when it collects them', (storage) => ({
      async rows(paths, signal) {
        const answer = await storage.rows(paths, signal)
        return { ...answer, found: answer.found.map((one) => ({ ...one, collected: 0n })) }
      },
    })),
    noticed: ['collected tombstones leave their time and a horizon behind'],
  },
  {
    fixture: faulty('tells of no delete as the latest change', (storage) => ({
      async latest(pattern, signal) {
        const { rows } = await storage.list({ pattern }, signal)
        return rows.reduce((most, { position }) => (position > most ? position : most), none)
      },
    })),
    noticed: ['the latest change under a pattern is told, also when it was a delete'],
  },
  {
    fixture: memoryStateFixture('asks no policy', (storage) => storage, { policies: {} }),
    noticed: ['a policy of the path decides instead'],
  },
  {
    fixture: faulty('saves the cursor without the changes', (storage) => ({
      apply: (batch, signal) => storage.apply({ ...batch, changes: [] }, signal),
    })),
    noticed: ['L4: changes and the cursor that covers them go in together'],
  },
  {
    fixture: faulty('sends back what came over the link', (storage) => ({
      changes: (after, { notVia: _, ...want }, signal) => storage.changes(after, want, signal),
    })),
    noticed: ['what came over a link is left out for it, until something else stands there'],
  },
  {
    fixture: faulty('tells readers no more than how far they have read', (storage) => ({
      async changes(after, want, signal) {
        const page = await storage.changes(after, want, signal)
        const point = page.kind === 'page' ? parseCursor(page.cursor) : undefined
        if (page.kind === 'reset' || point === undefined) return page
        const { mark, filter } = point
        return { ...page, cursor: cursorOf({ mark, filter, position: readUpTo(point) }) }
      },
    })),
    noticed: ['S4: half-way past where a row was, a cursor is for a feed that knows where it went'],
  },
  {
    fixture: faulty('lets late writes in', (storage) => ({
      async apply(batch, signal) {
        const answer = await storage.apply(batch, signal)
        const late = (await storage.late()).map(({ change }) => change)
        const { end } = await storage.rows([])
        if (late.length > 0) await storage.commit({ expects: end, changes: late }, signal)
        return answer
      },
    })),
    noticed: [
      'T2: a write older than a collected delete is neither in nor out: it is kept aside',
      'T2: nothing comes in over a tombstone in the place of a late write, unless it is new',
    ],
  },
  {
    fixture: faulty('lets late writes go', () => ({ late: async () => [] })),
    noticed: ['T2: a write older than a collected delete is neither in nor out: it is kept aside'],
  },
  {
    fixture: faulty('sweeps away what a member has not seen', (storage) => ({
      async sweep(_, signal) {
        const { end } = await storage.rows([])
        const all = { before: 2n ** 62n, upTo: end }
        return { dropped: await storage.collect(all, signal), more: false, by: [all] }
      },
    })),
    noticed: [
      'T2: a tombstone goes when it is old enough and every known member has passed it',
      'T2: a tombstone goes at the horizon, and who comes from below it is reset',
    ],
  },
  {
    fixture: faulty('goes on with readers whatever was collected', (storage) => ({
      async changes(after, want, signal) {
        const page = await storage.changes(after, want, signal)
        if (page.kind === 'page') return page
        return { kind: 'page', changes: [], cursor: (await storage.identity()).end, more: false }
      },
    })),
    noticed: [
      'cursors go on where they ended, and one of another history is reset',
      'T2: a tombstone goes at the horizon, and who comes from below it is reset',
    ],
  },
  {
    fixture: faulty('deletes what it is to forget', (storage) => ({
      async forget({ patterns }) {
        const { rows } = await storage.list({})
        const meant = rows.filter(({ path }) => patterns.some((one) => matchesPattern(one, path)))
        const changes = meant.map(({ path }) => {
          return { path, created: 0n, updated: 100n, dataText: null, note: '' }
        })
        await storage.commit({ expects: (await storage.rows([])).end, changes })
        return { objects: changes.length, tombstones: 0, unsent: 0, late: 0 }
      },
    })),
    noticed: [
      'what is forgotten was never here, and the rest stays',
      'S4: it is another feed from then on, for every link and reader',
    ],
  },
  {
    fixture: faulty('forgets aborts', (storage) => ({
      list: (range) => storage.list(range),
    })),
    noticed: ['a call whose signal has aborted rejects with its reason'],
  },
  {
    fixture: losing(),
    noticed: ['L1: all that was acknowledged is there after a crash'],
  },
]

function faulty(
  name: string,
  fault: (storage: StateStorage) => Partial<StateStorage>,
): StateStorageFixture {
  return memoryStateFixture(name, (storage) => overriding(storage, fault(storage)))
}

/** Acknowledges before it is durable: the last commit waits for the next. */
function losing(): StateStorageFixture {
  return sqliteStateFixture('acknowledges before it is durable', (storage) => {
    let waiting: Batch<StateChange> | undefined
    return overriding(storage, {
      async apply(batch, signal) {
        const before = waiting
        waiting = batch
        if (before !== undefined) await storage.apply(before, signal)
        return { kind: 'applied', receipts: batch.changes.map(() => ({ kind: 'stored' })) }
      },
      async feed(range, signal) {
        const page = await storage.feed(range, signal)
        const late = (waiting?.changes ?? []).map((one, at): StateRow => {
          const position = (page.end + BigInt(at) + 1n) as Position
          return { ...one, position }
        })
        return { ...page, rows: [...page.rows, ...late] }
      },
    })
  })
}

function overriding(storage: StateStorage, methods: Partial<StateStorage>): StateStorage {
  return new Proxy(storage, {
    get(target, name) {
      const own = Reflect.get(methods, name)
      if (own !== undefined) return own
      const value = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

function rounded(row: StateRow): StateRow {
  return { ...row, created: BigInt(Number(row.created)), updated: BigInt(Number(row.updated)) }
}

const none = 0n as Position
