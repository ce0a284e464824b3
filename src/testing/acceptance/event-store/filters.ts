import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { type EventFilter, type Filter, filterOf, type LogEvent } from '../../../event/index.ts'
import { systemRuntime } from '../../../runtime/index.ts'
import { parseCursor, start } from '../../../version/index.ts'
import type { Check } from './bench.ts'
import { stubOf, writer } from './elsewhere.ts'
import { append, changesOf, idsOf, note, pageAfter, refused, sameEvents, take } from './reading.ts'

export function filters(check: Check): void {
  check('C1: a type filter leaves stubs, and every parent stays known', async ({ open }) => {
    const store = await open()
    const [one, two] = await append(store, typed('seen'), typed('hidden'), typed('seen'))
    const shown = await changesOf(store, { filter: by({ types: ['seen'] }) })
    deepStrictEqual(
      shown.map((event) => event.stub),
      [null, 'withheld', null],
    )
    sameEvents([shown[1]!], [stubOf(two!)])
    deepStrictEqual(shown[1]!.parents, [one!.id])
  })

  check('a metadata filter looks at metadata, a predicate at the event', async ({ open }) => {
    const store = await open()
    for (const priority of [3, 5, 7])
      await append(store, { ...note('a', { priority }), metadata: { priority } })
    const matches = ({ data }: LogEvent) => (data as { priority: number }).priority >= 5
    for (const filter of [
      { metadata: { priority: { gte: 5 } } },
      { key: 'urgent', matches },
    ] satisfies EventFilter[])
      deepStrictEqual(stubsIn(await changesOf(store, { filter: by(filter) })), [true, false, false])
  })

  check('of aggregates that are not selected nothing is sent', async ({ open }) => {
    const store = await open()
    await append(store, note('order-1'), note('door'), note('order-2'), note('door'))
    const filter = by({ aggregates: ['order-*'] })
    deepStrictEqual(aggregatesIn(await changesOf(store, { filter })), ['order-1', 'order-2'])
    const all = await changesOf(store)
    const ids = all.map((event) => event.id)
    deepStrictEqual(aggregatesIn(await store.fetch(ids, undefined, filter)).toSorted(), [
      'order-1',
      'order-2',
    ])
  })

  check('an event fetched by its id shows no more than the filter does', async ({ open }) => {
    const store = await open()
    const [hidden] = await append(store, typed('hidden'))
    const [found] = await store.fetch([hidden!.id], undefined, by({ types: ['seen'] }))
    sameEvents([found!], [stubOf(hidden!)])
  })

  check('a tenant is what the first event that names one says', async ({ open }) => {
    const store = await open()
    await append(store, note('a'), owned('a', 't'), owned('b', 'u'), note('a'), note('c'))
    const filter = by({ tenant: 't' })
    deepStrictEqual(aggregatesIn(await changesOf(store, { filter })), ['a', 'a', 'a'])
    strictEqual((await changesOf(store, { filter: by({ tenant: 'x' }) })).length, 0)
  })

  check('C1: an aggregate whose tenant comes to light later comes as a whole', async ({ open }) => {
    const store = await open()
    const there = writer()
    const one = there.write({ metadataText: '{"tenant":"t"}' })
    const two = there.write({ parents: [one] })
    const branch = there.write({ parents: [one] })
    await take(store, there.origin, [stubOf(one), stubOf(two), stubOf(branch)])
    const filter = by({ tenant: 't' })
    const before = await pageAfter(store, start, { filter })
    deepStrictEqual(before.changes, [])
    for (const [via, event] of [
      [writer('asker').origin, two],
      [writer('other').origin, one],
    ] as const) {
      await take(store, via, [event])
    }
    // Also for whoever brought it to light.
    for (const notVia of ['someone', 'other']) {
      const want = { filter, notVia: writer(notVia).origin }
      const { changes } = await pageAfter(store, before.cursor, want)
      const known = new Set<string>()
      for (const event of changes) {
        for (const parent of event.parents) ok(known.has(parent), `${event.id} before ${parent}`)
        known.add(event.id)
      }
      deepStrictEqual([...known].toSorted(), idsOf([one, two, branch]).toSorted())
    }
  })

  check('L3: stretches that a filter leaves empty still advance the cursor', async ({ open }) => {
    const store = await open()
    for (let n = 0; n < 5; n++) await append(store, note('door'))
    const filter = by({ aggregates: ['window'] })
    const { changes, cursor, more } = await pageAfter(store, start, { filter, count: 1 })
    deepStrictEqual([changes, more], [[], false])
    const point = parseCursor(cursor)
    deepStrictEqual([point?.position, point?.filter], [5n, filter.fingerprint])
    await append(store, note('window'))
    const next = await pageAfter(store, cursor, { filter })
    deepStrictEqual(aggregatesIn(next.changes), ['window'])
  })

  check('under another filter a cursor goes on from the start', async ({ open }) => {
    const store = await open()
    await append(store, typed('x'), typed('y'), typed('x'))
    const [x, y] = [by({ types: ['x'] }), by({ types: ['y'] })]
    const read = await pageAfter(store, start, { filter: x })
    for (const filter of [y, undefined]) {
      const want = filter === undefined ? {} : { filter }
      const first = await pageAfter(store, read.cursor, { ...want, count: 1 })
      strictEqual(first.changes.length, 1)
      const point = parseCursor(first.cursor)
      deepStrictEqual([point?.position, point?.read], [3n, 1n])
      const rest = await pageAfter(store, first.cursor, want)
      strictEqual(rest.changes.length, 2)
      strictEqual(rest.cursor, (await pageAfter(store, start, want)).cursor)
    }
    // A reading that is broken off by a third filter begins once more.
    const broken = await pageAfter(store, read.cursor, { filter: y, count: 2 })
    strictEqual((await pageAfter(store, broken.cursor, { filter: x })).changes.length, 3)
  })

  check('S4: a reader under another filter still tells what it has seen', async ({ open }) => {
    const [original, other] = [await open(), await open()]
    for (const store of [original, other]) await append(store, note(), note(), note())
    const read = await pageAfter(original, start, {})
    const { cursor } = await pageAfter(original, read.cursor, {
      filter: by({ types: ['x'] }),
      count: 1,
    })
    strictEqual((await other.changes(cursor, { count: 9, bytes: 9 })).kind, 'reset')
  })

  check(
    'an interrupted push under another filter is not a loss, a loss is one',
    async ({ open }) => {
      const store = await open()
      await append(store, typed('x'), typed('y'), typed('x'))
      const { origin } = await store.identity()
      const peer = writer('peer').origin
      const [x, y] = [by({ types: ['x'] }), by({ types: ['y'] })]
      const known = (received: typeof start) => ({ received, pulled: start, sequence: 0n, ids: [] })
      await store.confirm(peer, origin, known(start))
      const all = (await pageAfter(store, start, { filter: x })).cursor
      const settle = async (
        expects: typeof start,
        pushed: typeof start,
        acknowledged?: typeof start,
      ) => {
        const { generation } = await store.link(peer)
        const moved = { link: peer, generation, expects, pushed, parked: [], unparked: [] }
        ok(await store.settle(acknowledged === undefined ? moved : { ...moved, acknowledged }))
      }
      await settle(start, all, all)
      const begun = `${all.slice(0, -x.fingerprint.length)}${y.fingerprint}.0` as typeof start
      await settle(all, begun)
      const some = (await pageAfter(store, begun, { filter: y, count: 1 })).cursor
      strictEqual(await store.confirm(peer, origin, known(all)), 'agreed')
      strictEqual(await store.confirm(peer, origin, known(some)), 'agreed')
      await settle(begun, some, some)
      strictEqual(await store.confirm(peer, origin, known(all)), 'reset')
    },
  )

  check('the content of a stub that is appended is there afterwards (L1)', async ({ open }) => {
    const store = await open()
    const there = writer()
    const one = there.write({ id: 'one', type: 'noted', dataText: '{"n":1}' })
    await take(store, there.origin, [stubOf(one)])
    const [event] = await append(store, { ...note('a', { n: 1 }), id: 'one' })
    sameEvents([event!], [one])
    sameEvents(await changesOf(store, { notVia: there.origin }), [one])
    deepStrictEqual(await store.heads('a'), ['one'])
  })

  check('a filter that was not checked is refused', async ({ open }) => {
    const store = await open()
    const filter = { types: ['x'] } as unknown as Filter
    await refused(store.changes(start, { count: 1, bytes: 1, filter }), 'invalid_argument')
    await refused(store.fetch([], undefined, filter), 'invalid_argument')
  })
}

function by(filter: EventFilter): Filter {
  return filterOf(filter, systemRuntime, { operation: 'test', component: 'testing' })
}

function typed(type: string) {
  return { ...note(), type }
}

function owned(aggregateId: string, tenant: string) {
  return { ...note(aggregateId), metadata: { tenant } }
}

function stubsIn(events: readonly LogEvent[]): readonly boolean[] {
  return events.map((event) => event.stub !== null)
}

function aggregatesIn(events: readonly LogEvent[]): readonly string[] {
  return events.map((event) => event.aggregateId)
}
