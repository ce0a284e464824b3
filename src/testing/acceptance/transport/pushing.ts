import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import { kindsOf } from '../event-store/reading.ts'
import type { TransportCheck } from './bench.ts'
import { allThere, cursorAfter, holdsJust, pushing, receiptsIn, refusedAs } from './calls.ts'

export function pushes(check: TransportCheck): void {
  check('S1: what is pushed is in the log, whole and in its order', async ({ remote, writer }) => {
    const { log, transport } = await remote()
    const there = writer()
    const events = Array.from({ length: 200 }, (_, n) => there.write({ group: `a${n % 7}` }))
    const receipts = receiptsIn(await transport.push(pushing(there.origin, events)))
    deepStrictEqual(new Set(kindsOf(receipts)), new Set(['stored']))
    strictEqual(receipts.length, events.length)
    await holdsJust(log, events)
  })

  check('S3: a push that is repeated changes nothing', async ({ remote, writer, snapshotOf }) => {
    const { log, transport } = await remote()
    const there = writer()
    const batch = pushing(there.origin, [there.write(), there.write({ group: 'b' })])
    await transport.push(batch)
    const before = await snapshotOf(log)
    allThere(await transport.push(batch))
    deepStrictEqual(await snapshotOf(log), before)
  })

  check('an empty push is answered', async ({ remote, writer }) => {
    const { log, transport } = await remote()
    deepStrictEqual(receiptsIn(await transport.push(pushing(writer().origin, []))), [])
    await holdsJust(log, [])
  })

  check(
    'an empty push moves the cursor of what was pushed',
    async ({ remote, writer }) => {
      const { log, transport } = await remote()
      const { origin } = writer()
      await transport.push(pushing(origin, [], { cursor: cursorAfter(9) }))
      strictEqual((await log.knowledge(origin)).received, cursorAfter(9))
    },
    'keepsRecords',
  )

  check(
    'L4: a push from elsewhere than where the last one ended is answered with reset',
    async ({ remote, writer }) => {
      const { log, transport } = await remote()
      const there = writer()
      const batch = pushing(there.origin, [there.write()], {
        expects: cursorAfter(5),
        cursor: cursorAfter(6),
      })
      strictEqual((await transport.push(batch)).kind, 'reset')
      await holdsJust(log, [])
    },
    'keepsRecords',
  )

  check(
    'S4: a reset that says how the other end stands says what hello would',
    async ({ remote, writer }) => {
      const { transport } = await remote()
      const there = writer()
      const events = [there.write(), there.write()]
      await transport.push(pushing(there.origin, events))
      const early = { expects: cursorAfter(5), cursor: cursorAfter(6) }
      const answer = await transport.push(pushing(there.origin, [], early))
      ok(answer.kind === 'reset', `the push was answered with ${answer.kind}`)
      const { origin, you } = await transport.hello({ origin: there.origin })
      deepStrictEqual(answer.standing ?? { origin, you }, { origin, you })
    },
    'keepsRecords',
  )

  check(
    'X1: more than the other end takes is refused whole',
    async ({ remote, writer }) => {
      const { log, transport } = await remote({ count: 3 })
      const there = writer()
      const events = Array.from({ length: 4 }, () => there.write())
      const { code } = await refusedAs(transport.push(pushing(there.origin, events)), false)
      strictEqual(code, 'too_large')
      await holdsJust(log, [])
      await transport.push(pushing(there.origin, events.slice(0, 3)))
      await holdsJust(log, events.slice(0, 3))
    },
    'limits',
  )
}
