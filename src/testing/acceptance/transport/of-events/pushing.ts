import { deepStrictEqual } from 'node:assert/strict'
import type { EventStore } from '../../../../contracts/index.ts'
import type { LogEvent, Origin } from '../../../../event/index.ts'
import { eventOf, stubOf, unlinkedEvent, writer } from '../../event-store/elsewhere.ts'
import { refusalIn, sameEvents } from '../../event-store/reading.ts'
import type { EventCheck, Remote } from '../bench.ts'
import { pushing, receiptsIn } from '../calls.ts'

export function eventPushes(check: EventCheck): void {
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
}

type Prepare = (
  it: Remote<EventStore, LogEvent>,
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

async function bring(
  log: Remote<EventStore, LogEvent>['log'],
  via: Origin,
  event: LogEvent,
): Promise<void> {
  await log.apply({ via, role: 'pulled', changes: [event] })
}

function inShort(receipt: Parameters<typeof refusalIn>[0] & object): unknown {
  if (receipt.kind === 'rejected') return refusalIn(receipt)
  return receipt.kind === 'missing' ? receipt : receipt.kind
}
