import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import type { TransportCheck } from './bench.ts'
import { changesIn, idsOf, pageOf, pagesOf } from './calls.ts'
import { note } from './kind.ts'

export function filtering(check: TransportCheck): void {
  check(
    'hello says that pages hold to filters',
    async ({ remote, writer }) => {
      const { transport } = await remote()
      strictEqual((await transport.hello({ origin: writer().origin })).filters, true)
    },
    'filters',
  )

  check(
    'a filter shows one group and nothing of the others, page by page',
    async ({ remote, append, filterFor }) => {
      const { log, transport } = await remote()
      const [one, , two] = await append(log, note('mine'), note('other'), note('mine'), note('b'))
      const filter = filterFor('mine')
      for (const count of [1, 2, 100]) {
        const pages = await pagesOf(transport, { filter, count })
        deepStrictEqual(idsOf(changesIn(pages)), idsOf([one!, two!]))
      }
    },
    'filters',
  )

  check(
    'a filter shows one group of what is asked for by id',
    async ({ remote, append, filterFor }) => {
      const { log, transport } = await remote()
      const changes = await append(log, note('mine'), note('other'), note('mine'))
      const want = { filter: filterFor('mine'), ids: idsOf(changes) }
      const { changes: shown } = await pageOf(transport, undefined, want)
      deepStrictEqual(idsOf(shown).toSorted(), [changes[0]!.id, changes[2]!.id].toSorted())
    },
    'filters',
    'ids',
  )
}
