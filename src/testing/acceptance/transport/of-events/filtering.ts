import { deepStrictEqual } from 'node:assert/strict'
import type { EventStore } from '../../../../contracts/index.ts'
import { type EventFilter, filterOf, type LogEvent } from '../../../../event/index.ts'
import { systemRuntime } from '../../../../runtime/index.ts'
import { writer } from '../../event-store/elsewhere.ts'
import { append, take } from '../../event-store/reading.ts'
import type { EventCheck, Remote } from '../bench.ts'
import { changesIn, pageOf, pagesOf } from '../calls.ts'

export function eventFilters(check: EventCheck): void {
  const checkFilters = (name: string, run: Parameters<EventCheck>[1]) => check(name, run, 'filters')

  checkFilters(
    'a filter leaves out other aggregates and withholds other content',
    async (bench) => {
      const { log, transport } = await bench.remote()
      await fill(log)
      const filter = filterFor({ aggregates: ['a', 'b'], types: ['shown'] })
      for (const count of [1, 2, 100]) {
        const pages = await pagesOf(transport, { filter, count })
        deepStrictEqual(changesIn(pages).map(seen), ['1 shown', '2 withheld', '3 shown'])
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

function fill(log: Remote<EventStore, LogEvent>['log']): Promise<readonly LogEvent[]> {
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
