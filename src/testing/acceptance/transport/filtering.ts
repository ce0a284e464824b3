import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { type EventFilter, filterOf, type LogEvent } from '../../../event/index.ts'
import { systemRuntime } from '../../../runtime/index.ts'
import { writer } from '../event-store/elsewhere.ts'
import { append, take } from '../event-store/reading.ts'
import type { Remote, TransportCheck } from './bench.ts'
import { eventsIn, pageOf, pagesOf } from './calls.ts'

export function filtering(check: TransportCheck): void {
  const checkFilters = (name: string, run: Parameters<TransportCheck>[1]) =>
    check(name, run, 'filters')

  checkFilters('hello says that pages hold to filters', async ({ remote }) => {
    const { transport } = await remote()
    strictEqual((await transport.hello({ origin: writer().origin })).filters, true)
  })

  checkFilters(
    'a filter leaves out other aggregates and withholds other content',
    async (bench) => {
      const { log, transport } = await bench.remote()
      await fill(log)
      const filter = filterFor({ aggregates: ['a', 'b'], types: ['shown'] })
      for (const count of [1, 2, 100]) {
        const pages = await pagesOf(transport, { filter, count })
        deepStrictEqual(eventsIn(pages).map(seen), ['1 shown', '2 withheld', '3 shown'])
      }
    },
  )

  checkFilters('conditions on metadata travel, large numbers too', async ({ remote }) => {
    const { log, transport } = await remote()
    const numbers = ['9007199254740992', '9007199254740993', '9007199254740994']
    const there = writer()
    const metadataTexts = numbers.map((n) => `{"n":${n}}`)
    await take(
      log,
      there.origin,
      metadataTexts.map((metadataText) => there.write({ metadataText })),
    )
    const filter = filterFor({ metadata: { n: { gte: 9_007_199_254_740_993n } } })
    const { changes } = await pageOf(transport, undefined, { filter })
    deepStrictEqual(
      changes.map((event) => event.stub),
      ['withheld', null, null],
    )
  })

  check(
    'a filter holds for what is asked for by id',
    async ({ remote }) => {
      const { log, transport } = await remote()
      const ids = (await fill(log)).map((event) => event.id)
      const filter = filterFor({ aggregates: ['a', 'b'], types: ['shown'] })
      const { changes } = await pageOf(transport, undefined, { filter, ids })
      deepStrictEqual(changes.map(seen).toSorted(), ['1 shown', '2 withheld', '3 shown'])
    },
    'filters',
    'ids',
  )
}

function fill(log: Remote['log']): Promise<readonly LogEvent[]> {
  return append(
    log,
    { id: '1', type: 'shown', aggregateId: 'a' },
    { id: '2', type: 'hidden', aggregateId: 'a' },
    { id: '3', type: 'shown', aggregateId: 'b' },
    { id: '4', type: 'shown', aggregateId: 'c' },
  )
}

function filterFor(given: EventFilter) {
  return filterOf(given, systemRuntime, { operation: 'test', component: 'testing/acceptance' })
}

function seen({ id, type, stub }: LogEvent): string {
  return `${id} ${stub ?? type}`
}
