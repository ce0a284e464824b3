import { deepStrictEqual, notStrictEqual, ok, strictEqual } from 'node:assert/strict'
import type { Entry, EventStore, ReadRange } from '../../../contracts/index.ts'
import { type LogEvent, withoutCausality } from '../../../event/index.ts'
import type { Position } from '../../../version/index.ts'
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

/** Events whose parents are unknown, from where nobody can be asked for them. */
export function adopting(check: Check): void {
  const orphans = 'adopt'

  check('an orphan is taken in as an event without causality', async ({ open }) => {
    const store = await open()
    const there = writer()
    const parent = there.write()
    const orphan = there.write({ parents: [parent] })
    deepStrictEqual(kindsOf(await take(store, there.origin, [orphan], { orphans })), ['stored'])
    sameEvents(await changesOf(store), [withoutCausality(orphan)])
    deepStrictEqual(await store.heads('a'), [])
  })

  check('it takes its header on when its parent comes, whoever brings it', async ({ open }) => {
    for (const rest of [{}, { orphans }, { role: 'pushed' }] as const) {
      const store = await open()
      const there = writer()
      const [one, two] = [there.write(), there.write()]
      const three = there.write({ parents: [one, two] })
      await take(store, there.origin, [three], { orphans })
      await take(store, there.origin, [one], rest)
      sameEvents(await changesOf(store), [withoutCausality(three), one])
      await take(store, writer('other').origin, [two], rest)
      sameEvents(await changesOf(store), [one, two, three])
      deepStrictEqual(await store.heads('a'), [three.id])
      strictEqual((await store.status()).events, 3n)
      strictEqual((await store.knowledge(there.origin)).sequence, 3n)
      strictEqual((await store.status()).clashes, 0n)
    }
  })

  check(
    'it moves to a new position, where those it did not come from meet it',
    async ({ open }) => {
      const store = await open()
      const [there, other] = [writer(), writer('other')]
      const parent = there.write()
      const orphan = there.write({ parents: [parent] })
      await take(store, there.origin, [orphan], { orphans })
      const { cursor } = await pageAfter(store, '' as never)
      await take(store, other.origin, [parent])
      sameEvents((await pageAfter(store, cursor)).changes, [parent, orphan])
      sameEvents(await changesOf(store, { notVia: there.origin }), [parent])
      sameEvents(await changesOf(store, { notVia: other.origin }), [orphan])
    },
  )

  check('an event known without causality takes on the header that comes', async ({ open }) => {
    const store = await open()
    const [there, other] = [writer(), writer('other')]
    const one = there.write({ dataText: '{"b":1,"a":2.0}' })
    const two = there.write({ parents: [one] })
    const bare = withoutCausality(altered(one, { dataText: '{"a":2,"b":1}', hash: two.hash }))
    await take(store, there.origin, [bare])
    await take(store, there.origin, [two])
    deepStrictEqual(kindsOf(await take(store, other.origin, [one])), ['filled'])
    sameEvents(await changesOf(store), [one, two])
    deepStrictEqual(idsOf((await entriesOf(store)).map(({ event }) => event)), [two.id, one.id])
    deepStrictEqual(await store.heads('a'), [two.id])
    strictEqual((await store.status()).clashes, 0n)
    sameEvents(await changesOf(store, { notVia: there.origin }), [one])
  })

  check('where that is asked for, it is listed at its first place for good', async ({ open }) => {
    for (const waits of [false, true]) {
      const store = await open()
      const there = writer()
      const parent = there.write()
      const late = there.write({ parents: waits ? [parent] : [] })
      const [before] = await append(store, note('b'))
      await take(store, there.origin, [withoutCausality(late)])
      const [after] = await append(store, note('b'))
      const [, place] = await entriesOf(store)
      await take(store, there.origin, [parent, late])
      deepStrictEqual(idsOf((await entriesOf(store)).map(({ event }) => event)).at(-1), late.id)
      const inOrder = [before!, late, after!, parent]
      for (const count of [1, 2, 3, 4, 5]) {
        const found = await listed(store, { count })
        sameEvents(
          found.map(({ event }) => event),
          inOrder,
        )
        strictEqual(found[1]!.position, place!.position)
      }
      const listing = async (range: ReadRange) =>
        idsOf((await listed(store, range)).map(({ event }) => event))
      deepStrictEqual(await listing({ after: place!.position }), [after!.id, parent.id])
      deepStrictEqual(await listing({ aggregateId: 'a' }), [late.id, parent.id])
      deepStrictEqual(await listing({ aggregateId: 'b', count: 1 }), [before!.id, after!.id])
    }
  })

  check(
    'what was withheld until its header came is listed where it came to be',
    async ({ open }) => {
      const store = await open()
      const there = writer()
      const [one, two] = [there.write(), there.write()]
      await take(store, there.origin, [stubOf(withoutCausality(one)), stubOf(two)])
      await append(store, note('b'))
      await take(store, there.origin, [one, two])
      deepStrictEqual(await listed(store, {}), await entriesOf(store))
    },
  )

  check('a stub of it brings the header as well', async ({ open }) => {
    const store = await open()
    const there = writer()
    const one = there.write()
    await take(store, there.origin, [withoutCausality(one)])
    deepStrictEqual(kindsOf(await take(store, there.origin, [stubOf(one)])), ['filled'])
    sameEvents(await changesOf(store), [one])
    deepStrictEqual(await store.heads('a'), [one.id])
  })

  check('S3: without its header, a known event is a duplicate', async ({ open }) => {
    const store = await open()
    const there = writer()
    const one = there.write()
    await take(store, there.origin, [one])
    const before = await snapshotOf(store)
    const receipts = await take(store, there.origin, [withoutCausality(one)], { orphans })
    deepStrictEqual(kindsOf(receipts), ['duplicate'])
    deepStrictEqual(await snapshotOf(store), before)
  })

  check('S3: an orphan that comes again changes nothing', async ({ open }) => {
    const store = await open()
    const there = writer()
    const parent = there.write()
    const orphan = there.write({ parents: [parent] })
    await take(store, there.origin, [orphan], { orphans })
    const before = await snapshotOf(store)
    const again = await take(store, there.origin, [orphan], { orphans })
    deepStrictEqual(kindsOf(again), ['duplicate'])
    deepStrictEqual(await snapshotOf(store), before)
  })

  check('who can be asked is asked: without `orphans` it is still missing', async ({ open }) => {
    const store = await open()
    const there = writer()
    const parent = there.write()
    const orphan = there.write({ parents: [parent] })
    for (const role of ['pulled', 'pushed'] as const) {
      const missing = [{ kind: 'missing', parents: [parent.id] }]
      deepStrictEqual(await take(store, there.origin, [orphan], { role }), missing)
      await take(store, there.origin, [withoutCausality(orphan)])
      deepStrictEqual(await take(store, there.origin, [orphan], { role }), missing)
    }
  })

  check('L2: the header of other content is not taken on', async ({ open }) => {
    const store = await open()
    const there = writer()
    const one = there.write()
    const other = there.write({ id: one.id, dataText: '"other"' })
    await take(store, there.origin, [withoutCausality(one)])
    const before = await entriesOf(store)
    const [receipt] = await take(store, there.origin, [other], { orphans })
    strictEqual(refusalIn(receipt)[0], 'id_conflict')
    deepStrictEqual(await entriesOf(store), before)
  })

  check('a header that names a parent of another aggregate is none', async ({ open }) => {
    const store = await open()
    const there = writer()
    const stray = there.write({ aggregateId: 'b' })
    const one = there.write({ parents: [stray] })
    await take(store, there.origin, [one], { orphans })
    await take(store, there.origin, [stray])
    deepStrictEqual(kindsOf(await take(store, there.origin, [one])), ['duplicate'])
    sameEvents(await changesOf(store), [withoutCausality(one), stray])
  })

  check('S4: an orphan of our own that we lack renews our origin', async ({ open }) => {
    const store = await open()
    const [own] = await append(store, note())
    const { origin } = await store.identity()
    const there = writer()
    const lost = altered(there.write({ parents: [there.write()] }), { origin, sequence: 3n })
    ok(own!.origin === origin)
    await take(store, there.origin, [lost], { orphans })
    notStrictEqual((await store.identity()).origin, origin)
  })

  check('an append under the id that is waited for ends the waiting', async ({ open }) => {
    const store = await open()
    const there = writer()
    const parent = there.write({ id: 'parent', dataText: '{}' })
    const orphan = there.write({ parents: [parent] })
    await take(store, there.origin, [orphan], { orphans })
    const [own] = await append(store, note('a', {}, 'parent'))
    sameEvents(await changesOf(store), [own!, orphan])
    deepStrictEqual(await store.heads('a'), [orphan.id])
  })

  check(
    'L4: what can not be read is parked with the cursor that goes past it',
    async ({ open }) => {
      const store = await open()
      const { origin: via } = writer()
      const cursor = 'AAAAAAAAAAAAAAAA.7.' as never
      const unreadable = [{ id: 'odd' as never, reason: 'unreadable' as const, message: 'is odd' }]
      await store.apply({ via, role: 'pulled', changes: [], cursor, unreadable, orphans })
      const { pulled, parked } = await store.link(via)
      deepStrictEqual([pulled, parked.map((one) => ({ ...one }))], [cursor, unreadable])
    },
  )

  for (const how of ['reopen', 'crash'] as const)
    check(
      `L1: first places are still known after a ${how}`,
      async (bench) => {
        const there = writer()
        const [one, two] = [there.write(), there.write()]
        const store = await bench.open()
        await take(store, there.origin, [withoutCausality(one), two])
        await take(store, there.origin, [one])
        const found = await bench[how](store)
        deepStrictEqual(idsOf((await listed(found, {})).map(({ event }) => event)), [
          one.id,
          two.id,
        ])
        await append(found, note('b'))
        await take(found, there.origin, [there.write()])
        deepStrictEqual((await listed(found, {})).length, 4)
      },
      'durable',
    )

  for (const how of ['reopen', 'crash'] as const)
    check(
      `L1: a header that waits is still there after a ${how}`,
      async (bench) => {
        const there = writer()
        const history: LogEvent[] = []
        for (let n = 0; n < 4; n++) history.push(there.write({ parents: history.slice(-1) }))
        let store = await bench.open()
        await take(store, there.origin, history.slice(1), { orphans })
        store = await bench[how](store)
        await take(store, there.origin, history.slice(0, 1))
        store = await bench[how](store)
        sameEvents(await changesOf(store), history)
        deepStrictEqual(await store.heads('a'), [history[3]!.id])
        strictEqual((await store.knowledge(there.origin)).sequence, 4n)
      },
      'durable',
    )
}

/** By first places, page by page. */
async function listed(store: EventStore, range: ReadRange): Promise<readonly Entry[]> {
  const found: Entry[] = []
  let { after = 0n as Position } = range
  for (;;) {
    const page = await store.entries({ ...range, after, placed: 'first' })
    found.push(...page.entries)
    if (!page.more) return found
    after = page.next
  }
}
