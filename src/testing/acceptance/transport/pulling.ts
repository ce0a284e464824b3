import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { type Cursor, start } from '../../../version/index.ts'
import type { TransportCheck } from './bench.ts'
import {
  changesIn,
  changesOf,
  cursorAfter,
  idsOf,
  pageOf,
  pagesOf,
  pushing,
  refusedAs,
} from './calls.ts'
import { note, notes } from './kind.ts'

export function pulls(check: TransportCheck): void {
  check('an empty log gives an empty page and no more', async ({ remote }) => {
    const { transport } = await remote()
    const { changes, more } = await pageOf(transport)
    deepStrictEqual([changes, more], [[], false])
  })

  check('L3: pages by count give every event once, in order', async ({ remote, append }) => {
    const { log, transport } = await remote()
    const events = await append(log, ...notes(25))
    for (const count of [1, 4, 5, 24, 25, 26]) {
      const pages = await pagesOf(transport, { count })
      deepStrictEqual(idsOf(changesIn(pages)), idsOf(events), `pages of ${count}`)
    }
  })

  check('a page holds no more events than were asked for', async ({ remote, append }) => {
    const { log, transport } = await remote()
    await append(log, ...notes(10))
    for (const count of [1, 3, 9])
      strictEqual((await pageOf(transport, start, { count })).changes.length, count)
  })

  check('L3: pages by bytes end with the event that reaches them, at least one', async (bench) => {
    const { append } = bench
    const { log, transport } = await bench.remote()
    await append(log, ...Array.from({ length: 4 }, () => note('a', 'x'.repeat(10_000))))
    const lengths = async (bytes: number) =>
      (await pagesOf(transport, { bytes })).map((page) => page.changes.length)
    deepStrictEqual((await lengths(1)).slice(0, 4), [1, 1, 1, 1])
    deepStrictEqual((await lengths(15_000)).slice(0, 2), [2, 2])
    deepStrictEqual(await lengths(1_000_000), [4])
  })

  check(
    'a page holds no more than the other end gives, and says that there is more',
    async (on) => {
      const { append } = on
      const { log, transport } = await on.remote({ count: 4 })
      const events = await append(log, ...notes(10))
      const { changes, more } = await pageOf(transport)
      deepStrictEqual([changes.length, more], [4, true])
      deepStrictEqual(idsOf(changesIn(await pagesOf(transport))), idsOf(events))
    },
    'limits',
  )

  check('L3: a puller sees each event once and in order while others append', async (bench) => {
    const { append } = bench
    const { log, transport } = await bench.remote()
    const seen: string[] = []
    let cursor = start
    const pullOn = async () => {
      const page = await pageOf(transport, cursor, { count: 3 })
      seen.push(...idsOf(page.changes))
      cursor = page.cursor
      return page.more || page.changes.length > 0
    }
    for (let round = 0; round < 10; round++)
      await Promise.all([append(log, ...notes(2, 'a')), append(log, note('b')), pullOn()])
    while ((await pullOn()) && seen.length < 100);
    deepStrictEqual(seen, idsOf(await changesOf(log)))
  })

  check(
    'L3: a page that leaves everything out still moves its cursor to the end',
    async ({ remote, append, writer }) => {
      const { log, transport } = await remote()
      const there = writer()
      const { origin: notVia } = there
      await transport.push(pushing(notVia, [there.write(), there.write()]))
      const page = await pageOf(transport, start, { notVia })
      deepStrictEqual([page.changes, page.more], [[], false])
      strictEqual(page.cursor, (await log.identity()).end)
      deepStrictEqual(page.leftOut, { received: cursorAfter(2), pulled: start })
      const [own] = await append(log, note('b'))
      const next = await pageOf(transport, page.cursor, { notVia })
      deepStrictEqual(idsOf(next.changes), [own!.id])
    },
    'keepsRecords',
  )

  check('L3: another transport goes on where one ended', async ({ remote, connect, append }) => {
    const { log, transport } = await remote()
    const events = [...(await append(log, ...notes(5)))]
    const first = await pageOf(transport, start, { count: 2 })
    await transport.close()
    events.push(...(await append(log, ...notes(2))))
    const second = await pageOf(await connect(log), first.cursor)
    deepStrictEqual(idsOf([...first.changes, ...second.changes]), idsOf(events))
  })

  check(
    'a pull from the end is empty and stays there until more comes',
    async ({ remote, append }) => {
      const { log, transport } = await remote()
      await append(log, ...notes(3))
      const end = (await pagesOf(transport)).at(-1)!.cursor
      const page = await pageOf(transport, end)
      deepStrictEqual([page.changes, page.more], [[], false])
      const [next] = await append(log, note())
      deepStrictEqual(idsOf((await pageOf(transport, page.cursor)).changes), [next!.id])
    },
  )

  check('the same pull again gives the same page', async ({ remote, append, same }) => {
    const { log, transport } = await remote()
    await append(log, ...notes(6))
    const { cursor } = await pageOf(transport, start, { count: 2 })
    const [one, two] = [await pageOf(transport, cursor), await pageOf(transport, cursor)]
    same(one.changes, two.changes)
    deepStrictEqual([one.cursor, one.more], [two.cursor, two.more])
  })

  check(
    'S4: a cursor that the other end never gave is answered with reset',
    async ({ remote, append }) => {
      const { log, transport } = await remote()
      await append(log, note())
      const foreign = 'AAAAAAAAAAAAAAAA.1.' as Cursor
      deepStrictEqual(await transport.pull(foreign, { count: 10, bytes: 1_000 }), { kind: 'reset' })
    },
    'exact',
  )

  check(
    'X1: a page of nothing is refused',
    async ({ remote }) => {
      const { transport } = await remote()
      for (const want of [{ count: 0 }, { bytes: 0 }, { count: 1.5 }])
        await refusedAs(pageOf(transport, start, want), false)
    },
    'limits',
  )
}
