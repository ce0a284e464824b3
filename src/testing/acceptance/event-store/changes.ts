import { deepStrictEqual, notStrictEqual, ok, strictEqual } from 'node:assert/strict'
import type { EventStore } from '../../../contracts/index.ts'
import type { LogEvent } from '../../../event/index.ts'
import type { Runtime } from '../../../runtime/index.ts'
import { type Cursor, cursorOf, parseCursor, start } from '../../../version/index.ts'
import type { Check } from './bench.ts'
import { writer } from './elsewhere.ts'
import {
  append,
  changesOf,
  entriesOf,
  idsIn,
  idsOf,
  note,
  notes,
  pageAfter,
  plenty,
  sameEvents,
  take,
} from './reading.ts'

export function changes(check: Check): void {
  check('an empty log has an empty page that ends at the start', async ({ open }) => {
    const store = await open()
    deepStrictEqual(await store.changes(start, plenty), {
      kind: 'page',
      changes: [],
      cursor: start,
      more: false,
    })
    strictEqual((await store.identity()).end, start)
  })

  check(
    'L3: pages give every change once, in order, and say whether there is more',
    async ({ open }) => {
      const store = await open()
      for (const count of [4, 1, 2]) await append(store, ...notes(count))
      const events = (await entriesOf(store)).map((entry) => entry.event)
      for (const count of [1, 2, 3, 6, 7, 8]) {
        sameEvents(await changesOf(store, { count }), events)
        const first = await pageAfter(store, start, { count })
        strictEqual(first.changes.length, Math.min(count, 7))
        strictEqual(first.more, count < 7)
      }
    },
  )

  check('pages by bytes end with the change that reaches them, at least one', async ({ open }) => {
    const store = await open()
    await append(store, ...Array.from({ length: 4 }, () => note('a', 'x'.repeat(10_000))))
    strictEqual((await pageAfter(store, start, { bytes: 1 })).changes.length, 1)
    strictEqual((await pageAfter(store, start, { bytes: 15_000 })).changes.length, 2)
    strictEqual((await changesOf(store, { bytes: 1 })).length, 4)
  })

  check(
    'after the last page the cursor stands at the end, and later changes follow it',
    async ({ open }) => {
      const store = await open()
      await append(store, ...notes(3))
      const { cursor } = await pageAfter(store, start)
      strictEqual(cursor, (await store.identity()).end)
      const idle = await pageAfter(store, cursor)
      deepStrictEqual(idle, { kind: 'page', changes: [], cursor, more: false })
      const events = await append(store, ...notes(2))
      sameEvents((await pageAfter(store, cursor)).changes, events)
      notStrictEqual((await store.identity()).end, cursor)
    },
  )

  check('what came over a link is left out of its own feed only', async ({ open }) => {
    const store = await open()
    const [x, y] = [writer('x'), writer('y')]
    await take(store, x.origin, [x.write(), x.write({ aggregateId: 'b' })])
    await append(store, note('c', {}, 'own'))
    await take(store, y.origin, [y.write()], { role: 'pushed' })
    deepStrictEqual(idsOf(await changesOf(store)), ['x-1', 'x-2', 'own', 'y-1'])
    deepStrictEqual(idsOf(await changesOf(store, { notVia: x.origin })), ['own', 'y-1'])
    deepStrictEqual(idsOf(await changesOf(store, { notVia: y.origin })), ['x-1', 'x-2', 'own'])
    const unknown = writer('unknown').origin
    strictEqual((await changesOf(store, { notVia: unknown })).length, 4)
  })

  check('a page says how far its reader has pushed here and was pulled from', async ({ open }) => {
    const store = await open()
    const there = writer()
    await append(store, note('b'))
    const notVia = there.origin
    strictEqual((await pageAfter(store, start)).leftOut, undefined)
    const [pulled, received] = [1, 2].map((n) => `AAAAAAAAAAAAAAAA.${n}.` as Cursor)
    await take(store, notVia, [there.write()], { cursor: pulled! })
    await take(store, notVia, [], { role: 'pushed', cursor: received! })
    deepStrictEqual((await pageAfter(store, start, { notVia })).leftOut, { pulled, received })
    strictEqual((await pageAfter(store, start)).leftOut, undefined)
  })

  check('a page that a filter leaves empty still moves its cursor', async ({ open }) => {
    const store = await open()
    const there = writer()
    await take(store, there.origin, [there.write(), there.write(), there.write()])
    const page = await pageAfter(store, start, { notVia: there.origin })
    deepStrictEqual(page.changes, [])
    strictEqual(page.more, false)
    strictEqual(page.cursor, (await store.identity()).end)
  })

  check('what is left out does not count against a page', async ({ open }) => {
    const store = await open()
    const there = writer()
    for (let n = 0; n < 5; n++) {
      await take(store, there.origin, [there.write(), there.write()])
      await append(store, note('b', n, `own-${n}`))
    }
    const want = { count: 2, notVia: there.origin }
    const page = await pageAfter(store, start, want)
    deepStrictEqual(idsOf(page.changes), ['own-0', 'own-1'])
    strictEqual((await changesOf(store, want)).length, 5)
  })

  check('S4: a cursor this log never gave out is answered with reset', async ({ open }) => {
    const store = await open()
    await append(store, ...notes(3))
    const { end } = await store.identity()
    const point = parseCursor(end)!
    const other = await open('other')
    await append(other, ...notes(3))
    for (const cursor of [
      cursorOf({ ...point, position: (point.position + 1n) as typeof point.position }),
      cursorOf({ ...point, mark: 'AAAAAAAAAAAAAAAA' }),
      cursorOf({ ...point, position: 0n as typeof point.position }),
      (await other.identity()).end,
      'nonsense' as Cursor,
      `${end}!` as Cursor,
    ])
      deepStrictEqual(await store.changes(cursor, plenty), { kind: 'reset' }, cursor)
  })

  check('L3: readers see each entry once and in order while others append', async (bench) => {
    const store = await bench.open()
    const writers = Array.from({ length: 6 }, async (_, n) => {
      for (let round = 0; round < 10; round++) await append(store, ...notes(1 + (n % 3), `a${n}`))
    })
    let writing = true
    const written = Promise.all(writers).finally(() => {
      writing = false
    })
    const readers = [1, 3, 100].map((count) => follow(store, count, bench.runtime, () => writing))
    await written
    const ids = await idsIn(store)
    strictEqual(ids.length, 120)
    for (const seen of await Promise.all(readers)) deepStrictEqual(idsOf(seen), ids)
  })
}

/** Reads until nobody writes any more and everything is read. */
async function follow(
  store: EventStore,
  count: number,
  runtime: Runtime,
  writing: () => boolean,
): Promise<readonly LogEvent[]> {
  const seen: LogEvent[] = []
  let cursor = start
  for (;;) {
    const last = !writing()
    const page = await pageAfter(store, cursor, { count })
    ok(page.changes.length <= count)
    seen.push(...page.changes)
    cursor = page.cursor
    if (last && !page.more) return seen
    // A read may be answered without leaving the turn, and then nobody would get to write.
    await new Promise<void>((resolve) => runtime.soon(resolve))
  }
}
