import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict'
import type { LogEvent, Origin } from '../../../event/index.ts'
import { eventOf, stubOf, unlinkedEvent, writer } from '../event-store/elsewhere.ts'
import { kindsOf, refusalIn, sameEvents, snapshotOf } from '../event-store/reading.ts'
import type { Remote, TransportCheck } from './bench.ts'
import { allThere, cursorAfter, holdsJust, pushing, receiptsIn, refusedAs } from './calls.ts'

export function pushes(check: TransportCheck): void {
  check('S1: what is pushed is in the log, whole and in its order', async ({ remote }) => {
    const { log, transport } = await remote()
    const there = writer()
    const events = Array.from({ length: 200 }, (_, n) => there.write({ aggregateId: `a${n % 7}` }))
    const receipts = receiptsIn(await transport.push(pushing(there.origin, events)))
    deepStrictEqual(new Set(kindsOf(receipts)), new Set(['stored']))
    strictEqual(receipts.length, events.length)
    await holdsJust(log, events)
  })

  check(
    'S1: what is pushed arrives byte for byte, stubs and events without causality too',
    async ({ remote }) => {
      const { log, transport } = await remote()
      const there = writer()
      const one = there.write({ metadataText: '{"ä":"\u2028"}' })
      const events = [one, there.write({ parents: [one] }), unlinkedEvent('compat')]
      const pushed = [...events, stubOf(there.write())]
      await transport.push(pushing(there.origin, pushed))
      sameEvents(await log.fetch(pushed.map((event) => event.id)), pushed)
    },
    'exact',
  )

  check('S3: a push that is repeated changes nothing', async ({ remote }) => {
    const { log, transport } = await remote()
    const there = writer()
    const batch = pushing(there.origin, [there.write(), there.write({ aggregateId: 'b' })])
    await transport.push(batch)
    const before = await snapshotOf(log)
    allThere(await transport.push(batch))
    deepStrictEqual(await snapshotOf(log), before)
  })

  check('an empty push is answered', async ({ remote }) => {
    const { log, transport } = await remote()
    deepStrictEqual(receiptsIn(await transport.push(pushing(writer().origin, []))), [])
    await holdsJust(log, [])
  })

  check(
    'an empty push moves the cursor of what was pushed',
    async ({ remote }) => {
      const { log, transport } = await remote()
      const { origin } = writer()
      await transport.push(pushing(origin, [], { cursor: cursorAfter(9) }))
      strictEqual((await log.knowledge(origin)).received, cursorAfter(9))
    },
    'keepsRecords',
  )

  check(
    'L4: a push from elsewhere than where the last one ended is answered with reset',
    async ({ remote }) => {
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
    async ({ remote }) => {
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

  for (const { kind, prepare, expected } of receiptCases)
    check(
      `a receipt arrives as it was given: ${kind}`,
      async ({ remote, runtime }) => {
        const it = await remote()
        const there = writer()
        const { origin } = there
        const changes = await prepare(it, there, runtime.wall)
        const receipts = receiptsIn(await it.transport.push(pushing(origin, changes)))
        deepStrictEqual(receipts.map(inShort), expected)
      },
      'exact',
    )

  check(
    'X1: more than the other end takes is refused whole',
    async ({ remote }) => {
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

type Prepare = (
  it: Remote,
  there: ReturnType<typeof writer>,
  wall: number,
) => Promise<readonly LogEvent[]>

const receiptCases: readonly {
  readonly kind: string
  readonly prepare: Prepare
  readonly expected: readonly unknown[]
}[] = [
  {
    kind: 'stored and duplicate',
    async prepare({ log }, there) {
      const known = there.write()
      await bring(log, there.origin, known)
      return [known, there.write()]
    },
    expected: ['duplicate', 'stored'],
  },
  {
    kind: 'filled',
    async prepare({ log }, there) {
      const event = there.write()
      await bring(log, there.origin, stubOf(event))
      return [event]
    },
    expected: ['filled'],
  },
  {
    kind: 'missing, with the parents',
    async prepare(_, there) {
      return [there.write({ parents: [there.write(), there.write()] })]
    },
    expected: [{ kind: 'missing', parents: ['there-1', 'there-2'] }],
  },
  {
    kind: 'rejected for good',
    async prepare({ log }, there) {
      const event = there.write()
      await bring(log, there.origin, event)
      return [eventOf({ ...event, dataText: '"other"' }), there.write()]
    },
    expected: [['id_conflict', false], 'stored'],
  },
  {
    kind: 'rejected for now',
    async prepare(_, there, wall) {
      return [there.write({ stamp: BigInt(wall + 86_400_000) * 1_000_000n })]
    },
    expected: [['clock', true]],
  },
  {
    kind: 'forked',
    async prepare({ log }, there) {
      await bring(log, there.origin, there.write())
      return [there.write({ id: 'fork', sequence: 1n })]
    },
    expected: ['forked'],
  },
]

async function bring(log: Remote['log'], via: Origin, event: LogEvent): Promise<void> {
  await log.apply({ via, role: 'pulled', changes: [event] })
}

function inShort(receipt: Parameters<typeof refusalIn>[0] & object): unknown {
  if (receipt.kind === 'rejected') return refusalIn(receipt)
  return receipt.kind === 'missing' ? receipt : receipt.kind
}
