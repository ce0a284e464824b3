import { deepStrictEqual, notStrictEqual, ok, strictEqual } from 'node:assert/strict'
import type { LogEvent } from '../../../event/index.ts'
import { sameEvent } from '../../../event/index.ts'
import type { Check } from './bench.ts'
import { writer } from './elsewhere.ts'
import { append, entriesOf, idsOf, note, notes, sameEvents, snapshotOf, take } from './reading.ts'

export function appending(check: Check): void {
  check('an append comes back as it stands in the log', async ({ open }) => {
    const store = await open()
    const events = await append(store, note('a', { n: 1 }), note('b', { n: 2 }))
    const entries = await entriesOf(store)
    sameEvents(
      entries.map((entry) => entry.event),
      events,
    )
    deepStrictEqual(
      events.map((event) => [event.type, event.aggregateId, event.dataText, event.stub]),
      [
        ['noted', 'a', '{"n":1}', null],
        ['noted', 'b', '{"n":2}', null],
      ],
    )
    ok(entries[0]!.position < entries[1]!.position)
  })

  check('sequences count the origin’s events from 1 without gaps', async ({ open }) => {
    const store = await open()
    const { origin } = await store.identity()
    const events = [...(await append(store, ...notes(3))), ...(await append(store, note('b')))]
    deepStrictEqual(
      events.map((event) => [event.origin, event.sequence]),
      [1n, 2n, 3n, 4n].map((sequence) => [origin, sequence]),
    )
  })

  check('concurrent appends get dense sequences, each append’s in a row', async ({ open }) => {
    const store = await open()
    const appends = await Promise.all(
      Array.from({ length: 20 }, (_, n) => append(store, ...notes(1 + (n % 3), `a${n % 4}`))),
    )
    for (const events of appends)
      events.forEach((event, at) => {
        strictEqual(event.sequence, events[0]!.sequence + BigInt(at))
      })
    const sequences = (await entriesOf(store)).map(({ event }) => event.sequence)
    deepStrictEqual(
      sequences,
      sequences.map((_, at) => BigInt(at + 1)),
    )
  })

  check('stamps increase, also when the wall clock goes back', async ({ open, runtime }) => {
    const store = await open()
    const events = [...(await append(store, ...notes(3, 'a')))]
    runtime.wall -= 3_600_000
    events.push(...(await append(store, ...notes(3, 'b'))))
    runtime.wall += 7_200_000
    events.push(...(await append(store, note('c'))))
    for (let at = 1; at < events.length; at++) ok(events[at]!.stamp > events[at - 1]!.stamp)
    strictEqual(events.at(-1)!.stamp, BigInt(runtime.wall) * 1_000_000n)
  })

  check(
    'a stamp lies above every parent’s, however far ahead that is',
    async ({ open, runtime }) => {
      const store = await open()
      const there = writer()
      const ahead = BigInt(runtime.wall + 3_600_000) * 1_000_000n
      await take(store, there.origin, [there.write({ stamp: ahead })])
      const [over] = await append(store, note('a'))
      const [beside] = await append(store, note('b'))
      strictEqual(over!.stamp, ahead + 1n)
      ok(beside!.stamp < ahead, 'another aggregate is not dragged along')
    },
  )

  check('events of one append are chained, each aggregate for itself', async ({ open }) => {
    const store = await open()
    const [a1, b1, a2, b2, a3] = await append(
      store,
      ...['a', 'b', 'a', 'b', 'a'].map((id) => note(id)),
    )
    deepStrictEqual(
      [a1, b1, a2, b2, a3].map((event) => event!.parents),
      [[], [], [a1!.id], [b1!.id], [a2!.id]],
    )
    deepStrictEqual(await store.heads('a'), [a3!.id])
    deepStrictEqual(await store.heads('b'), [b2!.id])
  })

  check('an append names all heads as parents and is the only head then', async ({ open }) => {
    const store = await open()
    const [here] = await append(store, note())
    const there = writer()
    const away = there.write()
    await take(store, there.origin, [away])
    deepStrictEqual(await store.heads('a'), [here!.id, away.id])
    const [merge] = await append(store, note())
    deepStrictEqual(merge!.parents, [here!.id, away.id])
    deepStrictEqual(await store.heads('a'), [merge!.id])
  })

  check('an append of no events is answered and stores nothing', async ({ open }) => {
    const store = await open()
    await append(store, note())
    const before = await snapshotOf(store)
    for (const expected of ['any', 'none', []] as const)
      deepStrictEqual(await store.append([], { expected }), { kind: 'appended', events: [] })
    deepStrictEqual(await snapshotOf(store), before)
  })

  check('ids are fresh ones unless given', async ({ open }) => {
    const store = await open()
    const given = ['order-17', 'Ümläut 🙂', '0190A3F2-0000-7000-8000-00000000000A', '17', ' ']
    const fresh = await append(store, ...notes(5))
    strictEqual(new Set(idsOf(fresh)).size, 5)
    for (const id of idsOf(fresh)) ok(canonicalUuid.test(id), id)
    deepStrictEqual(idsOf(await append(store, ...given.map((id) => note('a', {}, id)))), given)
    deepStrictEqual(
      idsOf(await store.fetch(given as LogEvent['id'][])).toSorted(),
      given.toSorted(),
    )
  })

  check('ids that differ in case only are two ids', async ({ open }) => {
    const store = await open()
    const lower = '0190a3f2-0000-7000-8000-00000000000a'
    const [one, two] = await append(store, note('a', 1, lower), note('A', 2, lower.toUpperCase()))
    deepStrictEqual(await store.fetch([one!.id]), [one])
    deepStrictEqual(await store.fetch([two!.id]), [two])
    deepStrictEqual(await store.heads('a'), [one!.id])
    deepStrictEqual(await store.heads('A'), [two!.id])
  })

  check(
    'equal content without given ids is stored as often as it is appended',
    async ({ open }) => {
      const store = await open()
      const [one, two] = await append(store, note(), note())
      notStrictEqual(one!.id, two!.id)
      strictEqual((await entriesOf(store)).length, 2)
      ok(!sameEvent(one!, two!))
    },
  )
}

const canonicalUuid = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
