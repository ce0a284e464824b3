import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import type { EventId } from '../../../event/index.ts'
import { type Cursor, start } from '../../../version/index.ts'
import type { TransportCheck } from './bench.ts'
import { idsOf, pageOf, refusedAs } from './calls.ts'
import { type Moving, note, notes } from './kind.ts'

export function byIds(check: TransportCheck): void {
  const checkIds = (name: string, run: Parameters<TransportCheck>[1]) => check(name, run, 'ids')

  checkIds('a pull by ids gives just those that are there, and its cursor back', async (bench) => {
    const { append, same } = bench
    const { log, transport } = await bench.remote()
    const [one, , three] = await append(log, ...notes(3))
    const cursor = (await log.identity()).end
    const ids = [three!.id, 'unknown' as EventId, one!.id]
    const page = await pageOf(transport, cursor, { ids })
    deepStrictEqual(idsOf(page.changes).toSorted(), [one!.id, three!.id].toSorted())
    deepStrictEqual([page.cursor, page.more], [cursor, false])
    const byId = (a: Moving, b: Moving) => (a.id < b.id ? -1 : 1)
    same(page.changes.toSorted(byId), [one!, three!].toSorted(byId))
  })

  checkIds('a pull by no ids gives nothing', async ({ remote, append }) => {
    const { log, transport } = await remote()
    await append(log, ...notes(3))
    deepStrictEqual((await pageOf(transport, start, { ids: [] })).changes, [])
  })

  checkIds('a pull by ids that ends early says that the rest is worth asking for', async (on) => {
    const { append } = on
    const { log, transport } = await on.remote()
    const events = await append(
      log,
      ...Array.from({ length: 60 }, () => note('a', 'x'.repeat(500))),
    )
    const left = new Set(idsOf(events) as EventId[])
    for (let more = true; more; ) {
      const before = left.size
      const page = await pageOf(transport, start, { ids: [...left], bytes: 1_000 })
      for (const event of page.changes) left.delete(event.id)
      more = page.more
      ok(left.size < before || !more, 'a page with more behind it brings something')
    }
    strictEqual(left.size, 0)
  })

  checkIds('X1: more ids than the other end takes are refused', async ({ remote }) => {
    const { transport } = await remote({ ids: 3 })
    const ids = ['a', 'b', 'c', 'd'] as EventId[]
    await refusedAs(pageOf(transport, start, { ids }), false)
    deepStrictEqual(
      (await pageOf(transport, 'AAAAAAAAAAAAAAAA.1.' as Cursor, { ids: ids.slice(1) })).changes,
      [],
    )
  })
}
