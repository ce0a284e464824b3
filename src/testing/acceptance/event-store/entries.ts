import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import type { EventStore, ReadRange } from '../../../contracts/index.ts'
import type { Position } from '../../../version/index.ts'
import type { Check } from './bench.ts'
import { append, entriesOf, idsOf, note, notes } from './reading.ts'

export function entries(check: Check): void {
  check('an empty log has no entries and ends where one began to read', async ({ open }) => {
    const store = await open()
    deepStrictEqual(await store.entries({}), { entries: [], next: 0n, more: false })
    deepStrictEqual(await store.entries({ aggregateId: 'a' }), {
      entries: [],
      next: 0n,
      more: false,
    })
  })

  check('pages by count give every entry once, in position order', async ({ open }) => {
    const store = await open()
    const events = await append(store, ...notes(10))
    for (const count of [1, 3, 5, 10, 11]) {
      const pages = await pagesOf(store, { count })
      strictEqual(pages.length, Math.ceil(10 / count))
      ok(pages.every((page) => page.length <= count))
      const found = pages.flat()
      deepStrictEqual(idsOf(found.map((entry) => entry.event)), idsOf(events))
      for (let at = 1; at < found.length; at++) ok(found[at]!.position > found[at - 1]!.position)
    }
  })

  check('pages by bytes end with the entry that reaches them, at least one', async ({ open }) => {
    const store = await open()
    await append(store, ...Array.from({ length: 4 }, () => note('a', 'x'.repeat(10_000))))
    strictEqual((await pagesOf(store, { bytes: 1 })).length, 4)
    strictEqual((await pagesOf(store, { bytes: 15_000 })).length, 2)
    strictEqual((await pagesOf(store, { bytes: 1_000_000 })).length, 1)
  })

  check('a page holds 1,000 entries unless asked otherwise', async ({ open }) => {
    const store = await open()
    await append(store, ...notes(1_001))
    const page = await store.entries({})
    strictEqual(page.entries.length, 1_000)
    strictEqual(page.more, true)
    const rest = await store.entries({ after: page.next })
    strictEqual(rest.entries.length, 1)
    strictEqual(rest.more, false)
  })

  check('one aggregate’s pages leave out the others', async ({ open }) => {
    const store = await open()
    const events = await append(store, ...Array.from({ length: 12 }, (_, n) => note(`a${n % 3}`)))
    for (const count of [1, 2, 4, 5]) {
      const found = (await pagesOf(store, { aggregateId: 'a1', count })).flat()
      deepStrictEqual(
        idsOf(found.map((entry) => entry.event)),
        idsOf(events.filter((event) => event.aggregateId === 'a1')),
      )
    }
    deepStrictEqual((await store.entries({ aggregateId: 'a' })).entries, [])
    deepStrictEqual((await store.entries({ aggregateId: 'A1' })).entries, [])
  })

  check('reading goes on where it ended when more was appended', async ({ open }) => {
    const store = await open()
    await append(store, ...notes(3))
    const { next, more } = await store.entries({})
    strictEqual(more, false)
    const events = await append(store, ...notes(2))
    const page = await store.entries({ after: next })
    deepStrictEqual(idsOf(page.entries.map((entry) => entry.event)), idsOf(events))
    const beyond = (next + 1_000n) as Position
    deepStrictEqual(await store.entries({ after: beyond }), {
      entries: [],
      next: beyond,
      more: false,
    })
  })

  check('fetch gives what is here of the ids, whatever else is asked for', async ({ open }) => {
    const store = await open()
    const events = await append(store, ...notes(3))
    const [one, , three] = idsOf(events)
    const found = await store.fetch([three, 'unknown', one, ''] as never)
    deepStrictEqual(idsOf(found).toSorted(), [one!, three!].toSorted())
    deepStrictEqual(await store.fetch([]), [])
  })

  check('fetch takes a thousand ids', async ({ open }) => {
    const store = await open()
    await append(store, ...notes(1_500))
    const ids = (await entriesOf(store)).map((entry) => entry.event.id)
    strictEqual((await store.fetch(ids.slice(0, 1_000))).length, 1_000)
  })
}

async function pagesOf(store: EventStore, range: ReadRange) {
  const pages = []
  let after = 0n as Position
  for (;;) {
    const page = await store.entries({ ...range, after })
    pages.push(page.entries)
    if (!page.more) return pages
    ok(page.next > after, 'a page with more behind it must move on')
    after = page.next
  }
}
