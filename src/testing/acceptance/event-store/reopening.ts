import { deepStrictEqual, notStrictEqual, ok, strictEqual } from 'node:assert/strict'
import type { EventStore } from '../../../contracts/index.ts'
import type { EventId, LogEvent } from '../../../event/index.ts'
import { type Cursor, parseCursor, start } from '../../../version/index.ts'
import type { Bench, Check } from './bench.ts'
import { stubOf, unlinkedEvent, writer } from './elsewhere.ts'
import {
  append,
  changesOf,
  entriesOf,
  idsIn,
  note,
  notes,
  pageAfter,
  sameEvents,
  snapshotOf,
  take,
} from './reading.ts'

export function reopening(check: Check): void {
  const ways: readonly (readonly [string, 'reopen' | 'crash'])[] = [
    ['a close', 'reopen'],
    ['a crash', 'crash'],
  ]
  for (const [after, way] of ways) {
    const again = (bench: Bench, store: EventStore) => bench[way](store)
    const checkDurable = (name: string, run: (bench: Bench) => Promise<void>) =>
      check(`${name} (after ${after})`, run, 'durable')

    checkDurable('L1: everything acknowledged is there', async (bench) => {
      const store = await bench.open()
      const there = writer()
      const one = there.write({ metadataText: '{"ä":"\u2028"}' })
      await append(store, ...notes(3))
      await take(store, there.origin, [stubOf(one), unlinkedEvent('compat')], {
        cursor: peerCursor(1),
      })
      await take(store, there.origin, [one], { role: 'pushed', cursor: peerCursor(2) })
      await append(store, { ...note('b'), dataText: '[1.0,9223372036854775807]', data: undefined })
      const { end } = await store.identity()
      await store.settle({
        link: there.origin,
        generation: (await store.link(there.origin)).generation,
        expects: start,
        pushed: end,
        parked: [{ id: 'x' as EventId, reason: 'invalid', message: 'no' }],
        unparked: [],
        acknowledged: end,
      })
      const before = await snapshotOf(store)
      const state = await store.link(there.origin)
      const heads = [await store.heads('a'), await store.heads('b')]
      const knowledge = await store.knowledge(there.origin)
      const found = await again(bench, store)
      deepStrictEqual(await snapshotOf(found), before)
      deepStrictEqual(await found.link(there.origin), state)
      deepStrictEqual([await found.heads('a'), await found.heads('b')], heads)
      deepStrictEqual(await found.knowledge(there.origin), knowledge)
      const { origin } = await found.identity()
      const confirmed = { received: start, pulled: start, sequence: 0n, ids: [] }
      strictEqual(await found.confirm(there.origin, origin, confirmed), 'reset')
    })

    checkDurable('L1: the last append is there', async (bench) => {
      let store = await bench.open()
      for (let n = 1; n <= 5; n++) {
        const [event] = await append(store, note('a', n))
        store = await again(bench, store)
        sameEvents((await changesOf(store)).slice(-1), [event!])
        strictEqual(event!.sequence, BigInt(n))
      }
    })

    checkDurable('node and origin stay, from the first day', async (bench) => {
      const store = await bench.open()
      const identity = await store.identity()
      deepStrictEqual(await (await again(bench, store)).identity(), identity)
    })

    checkDurable('a renewed origin stays', async (bench) => {
      const store = await bench.open()
      await append(store, note())
      await store.renewOrigin((await store.identity()).origin)
      const { origin } = await store.identity()
      const found = await again(bench, store)
      strictEqual((await found.identity()).origin, origin)
      strictEqual((await append(found, note()))[0]!.sequence, 1n)
    })

    checkDurable('cursors given out before go on', async (bench) => {
      const store = await bench.open()
      await append(store, ...notes(4))
      const { cursor } = await pageAfter(store, start, { count: 2 })
      const { end } = await store.identity()
      const found = await again(bench, store)
      strictEqual((await pageAfter(found, cursor)).changes.length, 2)
      await append(found, note('b', {}, 'new'))
      strictEqual((await pageAfter(found, cursor)).changes.length, 3)
      strictEqual((await pageAfter(found, end)).changes.length, 1)
      notStrictEqual(markOf((await found.identity()).end), markOf(end), 'a new mark began')
    })

    checkDurable('a repeat is recognised', async (bench) => {
      const store = await bench.open()
      const batch = [note('a', 1, 'one'), note('a', 2, 'two')]
      const first = await append(store, ...batch)
      const found = await again(bench, store)
      sameEvents(await append(found, ...batch), first)
      deepStrictEqual(await idsIn(found), ['one', 'two'])
    })

    checkDurable('appends go on: dense sequences, heads as parents', async (bench) => {
      const store = await bench.open()
      const [, before] = await append(store, ...notes(2))
      const found = await again(bench, store)
      const [after] = await append(found, note())
      deepStrictEqual([after!.sequence, after!.parents], [3n, [before!.id]])
      const positions = (await entriesOf(found)).map((entry) => entry.position)
      deepStrictEqual(
        positions,
        [...positions].sort((a, b) => Number(a - b)),
      )
    })

    checkDurable('the clock goes on from its last tick', async (bench) => {
      const store = await bench.open()
      const [before] = await append(store, note())
      bench.runtime.wall -= 3_600_000
      const found = await again(bench, store)
      const [after] = await append(found, note('b'))
      ok(after!.stamp > before!.stamp)
    })

    checkDurable('a head whose stub is filled stays the head', async (bench) => {
      const store = await bench.open()
      const there = writer()
      const [alone, one, two] = [there.write({ aggregateId: 'b' }), there.write(), there.write()]
      await take(
        store,
        there.origin,
        [alone, one, two].map((event) => stubOf(event)),
      )
      const found = await again(bench, store)
      await take(found, there.origin, [one, alone])
      deepStrictEqual(await found.heads('b'), [alone.id])
      deepStrictEqual(await found.heads('a'), [one.id, two.id])
      const [next] = await append(found, note('b'))
      deepStrictEqual(next!.parents, [alone.id])
      ok(next!.stamp > alone.stamp)
    })

    checkDurable('pages stay causally closed after a filling', async (bench) => {
      const store = await bench.open()
      const there = writer()
      const one = there.write()
      const two = there.write({ parents: [one] })
      await take(store, there.origin, [stubOf(one), two])
      await take(store, there.origin, [one])
      const found = await again(bench, store)
      sameEvents((await pageAfter(found, start, { count: 1 })).changes, [one, two])
      deepStrictEqual(await found.heads('a'), [two.id])
    })
  }

  check(
    'L1, L4: a crash on the way leaves each batch whole, with its cursor, or not at all',
    async ({ open, crash }) => {
      for (let turns = 0; turns < 24; turns++) {
        const store = await open(`here${turns}`)
        const there = writer()
        const changes: LogEvent[] = []
        for (let n = 0; n < 5; n++) changes.push(there.write({ parents: changes.slice(-1) }))
        const cursor = peerCursor(5)
        let acknowledged = false
        const applied = store
          .apply({ via: there.origin, role: 'pulled', changes, cursor, expects: start })
          .then(() => {
            acknowledged = true
          })
        for (let turn = 0; turn < turns; turn++) await Promise.resolve()
        const known = acknowledged
        const [found] = await Promise.all([crash(store), applied.catch(() => {})])
        const { length } = await idsIn(found)
        const { pulled } = await found.link(there.origin)
        deepStrictEqual([length, pulled], length > 0 ? [5, cursor] : [0, start])
        if (known) strictEqual(length, 5)
      }
    },
    'durable',
  )
}

function markOf(cursor: Cursor): string {
  return parseCursor(cursor)!.mark
}

function peerCursor(n: number): Cursor {
  return `BBBBBBBBBBBBBBBB.${n}.` as Cursor
}
