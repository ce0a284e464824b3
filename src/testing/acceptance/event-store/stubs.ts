import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { compactedOf, type LogEvent } from '../../../event/index.ts'
import { parseCursor, readUpTo, start } from '../../../version/index.ts'
import type { Check } from './bench.ts'
import { altered, stubOf, writer } from './elsewhere.ts'
import {
  append,
  changesOf,
  entriesOf,
  idsOf,
  kindsOf,
  note,
  pageAfter,
  refusalIn,
  sameEvents,
  snapshotOf,
  take,
} from './reading.ts'

export function stubs(check: Check): void {
  check('a withheld stub takes its place in causality without its content', async ({ open }) => {
    const store = await open()
    const there = writer()
    const one = there.write()
    const two = there.write({ parents: [one] })
    deepStrictEqual(kindsOf(await take(store, there.origin, [stubOf(one), two])), [
      'stored',
      'stored',
    ])
    deepStrictEqual(await store.heads('a'), [two.id])
    const [stub] = await changesOf(store)
    sameEvents([stub!], [stubOf(one)])
    deepStrictEqual([stub!.stub, stub!.type, stub!.dataText], ['withheld', '', ''])
  })

  check('C1: a stub keeps its place, whatever header its content comes with', async ({ open }) => {
    const store = await open()
    const there = writer()
    const one = there.write()
    const two = there.write({ parents: [one] })
    await take(store, there.origin, [one, stubOf(two)])
    const moved = altered(two, { parents: [], stamp: (two.stamp + 5n) as typeof two.stamp })
    deepStrictEqual(kindsOf(await take(store, writer('other').origin, [moved])), ['filled'])
    sameEvents(await changesOf(store), [one, two])
    deepStrictEqual(await store.heads('a'), [two.id])
  })

  check(
    'a full event that meets its stub fills it and moves to a new position',
    async ({ open }) => {
      const store = await open()
      const there = writer()
      const [one, two] = [there.write(), there.write()]
      await take(store, there.origin, [stubOf(one), two])
      const { cursor } = await pageAfter(store, start)
      const before = await entriesOf(store)
      deepStrictEqual(kindsOf(await take(store, writer('other').origin, [one])), ['filled'])
      sameEvents((await pageAfter(store, cursor)).changes, [one])
      sameEvents(await changesOf(store), [two, one])
      const after = await entriesOf(store)
      deepStrictEqual(after[0], before[1])
      ok(after[1]!.position > before[1]!.position)
      deepStrictEqual(
        (await store.entries({ aggregateId: 'a' })).entries.map((entry) => entry.event.id),
        [two.id, one.id],
      )
      strictEqual((await store.status()).events, 2n)
      deepStrictEqual(new Set(await store.heads('a')), new Set([one.id, two.id]))
    },
  )

  check(
    'S3: a stub for a known event is a duplicate, and so is a second filling',
    async ({ open }) => {
      const store = await open()
      const there = writer()
      const one = there.write()
      await take(store, there.origin, [stubOf(one)])
      await take(store, there.origin, [one])
      const before = await snapshotOf(store)
      deepStrictEqual(kindsOf(await take(store, there.origin, [stubOf(one), one])), [
        'duplicate',
        'duplicate',
      ])
      deepStrictEqual(await snapshotOf(store), before)
    },
  )

  check('L2: a stub is not filled with other content', async ({ open }) => {
    const store = await open()
    const there = writer()
    const one = there.write()
    await take(store, there.origin, [stubOf(one)])
    const other = altered(one, { dataText: '"other"', hash: there.write().hash })
    const [receipt] = await take(store, there.origin, [other])
    strictEqual(refusalIn(receipt)[0], 'id_conflict')
    sameEvents(await changesOf(store), [stubOf(one)])
  })

  check('a filling goes to those it did not come from', async ({ open }) => {
    const store = await open()
    const [there, hub, other] = [writer(), writer('hub'), writer('other')]
    const one = there.write()
    await take(store, hub.origin, [stubOf(one)])
    await take(store, other.origin, [one])
    sameEvents(await changesOf(store, { notVia: hub.origin }), [one])
    sameEvents(await changesOf(store, { notVia: other.origin }), [])
  })

  check('pages stay causally closed when a filling has moved a parent', async ({ open }) => {
    const store = await open()
    const there = writer()
    const history: LogEvent[] = []
    for (let n = 0; n < 6; n++) history.push(there.write({ parents: history.slice(-1) }))
    await take(
      store,
      there.origin,
      history.map((event, n) => (n % 2 === 0 ? stubOf(event) : event)),
    )
    for (const n of [4, 0, 2]) await take(store, there.origin, [history[n]!])
    for (const count of [1, 2, 3, 4, 100]) {
      const seen = await changesOf(store, { count })
      const known = new Set<string>()
      for (const event of seen) {
        for (const parent of event.parents) ok(known.has(parent), `${event.id} before ${parent}`)
        known.add(event.id)
      }
      deepStrictEqual([...known].toSorted(), idsOf(history).toSorted())
    }
  })

  check(
    'S4: half-way past where a row was, a cursor is for a log that knows where it went',
    async ({ open }) => {
      const store = await open()
      const there = writer()
      const one = there.write()
      await take(store, there.origin, [stubOf(one)])
      await append(store, note('b'), note('c'), note('d'))
      await take(store, there.origin, [one])
      const { position } = (await entriesOf(store)).find(({ event }) => event.id === one.id)!
      const { changes, cursor } = await pageAfter(store, start, { count: 2 })
      ok(changes.every(({ id }) => id !== one.id))
      const point = parseCursor(cursor)!
      ok(point.position >= position, `${cursor}: a log that ends before ${position} holds it too`)
      ok(readUpTo(point) < position)
      const rest = await pageAfter(store, cursor)
      deepStrictEqual(idsOf(rest.changes).at(-1), one.id)
      strictEqual(rest.cursor, (await store.identity()).end)
    },
  )

  check(
    'a compacted stub is taken in as it is, and neither fills nor empties',
    async ({ open }) => {
      const there = writer()
      const one = there.write()
      const two = there.write({ parents: [one] })
      const stubs = [compactedOf(one), compactedOf(two)]
      const store = await open()
      deepStrictEqual(kindsOf(await take(store, there.origin, stubs)), ['stored', 'stored'])
      // It is not filled again: what stands for it is a snapshot.
      deepStrictEqual(kindsOf(await take(store, there.origin, [one, stubOf(two)])), [
        'duplicate',
        'duplicate',
      ])
      sameEvents(await changesOf(store), stubs)
      deepStrictEqual(await store.heads(one.aggregateId), [two.id])

      const other = await open()
      await take(other, there.origin, [one, stubOf(two)])
      deepStrictEqual(kindsOf(await take(other, there.origin, stubs)), ['duplicate', 'duplicate'])
      sameEvents(await changesOf(other), [one, stubOf(two)])
    },
  )

  check('an append over a stub names it as its parent', async ({ open }) => {
    const store = await open()
    const there = writer()
    const one = there.write()
    await take(store, there.origin, [stubOf(one)])
    deepStrictEqual((await append(store, note()))[0]!.parents, [one.id])
  })

  check('the content of a stub can be appended by its id', async ({ open }) => {
    const store = await open()
    const there = writer()
    const one = there.write({ id: 'one' })
    await take(store, there.origin, [stubOf(one)])
    const [event] = await append(store, {
      id: 'one',
      type: 'noted',
      aggregateId: 'a',
      dataText: one.dataText,
    })
    strictEqual(event!.id, 'one')
    strictEqual((await store.status()).events, 1n)
  })
}
