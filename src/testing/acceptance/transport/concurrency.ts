import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { start } from '../../../version/index.ts'
import { kindsOf } from '../event-store/reading.ts'
import type { TransportCheck } from './bench.ts'
import {
  allThere,
  changesIn,
  changesOf,
  idsOf,
  pageOf,
  pagesOf,
  pushing,
  receiptsIn,
} from './calls.ts'
import { notes } from './kind.ts'

export function concurrency(check: TransportCheck): void {
  check('calls made at once each get their own answer', async ({ remote, append }) => {
    const { log, transport } = await remote()
    const events = await append(log, ...notes(20))
    await Promise.all(
      Array.from({ length: 20 }, async (_, at) => {
        const count = at + 1
        const { changes } = await pageOf(transport, start, { count })
        deepStrictEqual(idsOf(changes), idsOf(events.slice(0, count)))
      }),
    )
  })

  check('pushes of several at once are all stored', async ({ remote, writer }) => {
    const { log, transport } = await remote()
    const writers = ['u', 'v', 'w', 'x', 'y'].map((name) => writer(name))
    const pushed = await Promise.all(
      writers.map(async (one, at) => {
        const events = [one.write({ group: `g${at}` }), one.write({ group: `g${at}` })]
        const receipts = receiptsIn(await transport.push(pushing(one.origin, events)))
        deepStrictEqual(kindsOf(receipts), ['stored', 'stored'])
        return events
      }),
    )
    deepStrictEqual(idsOf(await changesOf(log)).toSorted(), idsOf(pushed.flat()).toSorted())
  })

  check('S3: one push made several times at once is stored once', async ({ remote, writer }) => {
    const { log, transport } = await remote()
    const there = writer()
    const batch = pushing(there.origin, [there.write()])
    const answers = await Promise.all(Array.from({ length: 5 }, () => transport.push(batch)))
    for (const answer of answers) allThere(answer)
    strictEqual(idsOf(await changesOf(log)).length, 1)
  })

  check('pulls go on beside pushes', async ({ remote, writer }) => {
    const { log, transport } = await remote()
    const there = writer()
    const pushes = Array.from({ length: 10 }, () =>
      pushing(there.origin, [there.write()], { cursor: start }),
    )
    await Promise.all(pushes.flatMap((batch) => [transport.push(batch), pageOf(transport)]))
    deepStrictEqual(idsOf(changesIn(await pagesOf(transport))), idsOf(await changesOf(log)))
  })
}
