import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { EventStore } from '../../src/contracts/index.ts'
import { type EventFilter, type Filter, filterOf, type LogEvent } from '../../src/event/index.ts'
import { systemRuntime } from '../../src/runtime/index.ts'
import { stubOf, writer } from '../../src/testing/acceptance/event-store/elsewhere.ts'
import type { EventStoreFixture } from '../../src/testing/acceptance/event-store/fixture.ts'
import { changesOf, take } from '../../src/testing/acceptance/event-store/reading.ts'
import { testRuntime } from '../../src/testing/acceptance/event-store/test-runtime.ts'
import { property } from '../property.ts'
import { memoryFixture } from './memory-fixture.ts'
import { sqliteFixture } from './sqlite-fixture.ts'

const fixtures: Readonly<Record<string, () => EventStoreFixture>> = {
  memory: () => memoryFixture(),
  SQLite: () => sqliteFixture('sqlite', { durability: 'normal' }),
}

for (const [name, fixtureOf] of Object.entries(fixtures))
  it(`C1, L3: ${name}, read page by page under filters that change, shows what filtering by hand does`, async () => {
    const fixture = fixtureOf()
    const run = { steps: fc.array(step, { maxLength: 40 }), filters: inTurn }
    await property(
      fc.record({ ...run, count: fc.integer({ min: 1, max: 7 }) }),
      async ({ steps, filters, count }) => {
        try {
          const store = await fixture.open({ node: 'n', runtime: testRuntime() })
          const known = await history(store, steps)
          for (const given of filters) {
            const one = by(given)
            // From the start, and on from wherever the filter before has left off.
            const shown = await changesOf(store, { filter: one, count })
            expect(seen(shown)).toEqual(byHand(one, given, known))
            for (const event of shown) expect(event.hash).toBe(known.get(event.id)?.hash)
            expectClosed(shown)
          }
          const cursors = await readInTurn(store, filters.map(by), count)
          for (const [at, shown] of cursors.entries())
            expect(seen(shown)).toEqual(byHand(by(filters[at]!), filters[at]!, known))
        } finally {
          await fixture.dispose()
        }
      },
      40,
    )
  }, 60_000)

/** One reader, one cursor, one filter after the other, each read to its end. */
async function readInTurn(store: EventStore, filters: readonly Filter[], count: number) {
  let cursor: Parameters<typeof changesOf>[2]
  const all: LogEvent[][] = []
  for (const filter of filters) {
    const shown: LogEvent[] = []
    for (let more = true; more; ) {
      const page = await store.changes(cursor ?? ('' as never), { filter, count, bytes: 1e6 })
      if (page.kind === 'reset') throw new Error('a log does not know its own cursor')
      shown.push(...page.changes)
      cursor = page.cursor
      more = page.more
    }
    all.push(shown)
    // The same filter twice in a row goes on, with nothing new.
    const again = await store.changes(cursor!, { filter, count, bytes: 1e6 })
    expect(again).toMatchObject({ changes: [], cursor })
  }
  return all
}

interface Step {
  readonly what: 'full' | 'stub' | 'fill'
  readonly aggregate: string
  readonly type: string
  readonly priority: number | undefined
  readonly tenant: boolean
  readonly pick: number
}

const aggregate = fc.constantFrom('a', 'order-1', 'order-2')
const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom('full', 'full', 'stub', 'fill'),
  aggregate,
  type: fc.constantFrom('x', 'y'),
  priority: fc.option(fc.nat({ max: 9 }), { nil: undefined }),
  tenant: fc.boolean(),
  pick: fc.nat(),
})
const even = ({ dataText }: LogEvent) => Number(/\d+/.exec(dataText)?.[0]) % 2 === 0
const filter: fc.Arbitrary<EventFilter> = fc.oneof(
  fc.constant({ types: ['x'] }),
  fc.nat({ max: 9 }).map((gte) => ({ metadata: { priority: { gte } } })),
  fc.constant({ aggregates: ['order-*'] }),
  fc.constant({ tenant: 'order' }),
  fc.constant({ tenant: 'order', types: ['y'] }),
  fc.constant({ key: 'even', matches: even }),
)

/** Never the same twice in a row, and the first once more at the end. */
const inTurn = fc
  .uniqueArray(filter, { minLength: 1, maxLength: 3, selector: (one) => by(one).fingerprint })
  .map((filters) => (filters.length > 1 ? [...filters, filters[0]!] : filters))

/** Events of two writers, some of them stubs, some of those filled; answers with what is known by now. */
async function history(store: EventStore, steps: readonly Step[]) {
  const [there, elsewhere] = [writer('there'), writer('elsewhere').origin]
  const known = new Map<string, LogEvent>()
  const whole: LogEvent[] = []
  for (const { what, pick, aggregate: aggregateId, type, priority, tenant } of steps) {
    const hidden = whole.filter(({ id }) => known.get(id)?.stub !== null)
    const brought = hidden[pick % Math.max(hidden.length, 1)]
    if (what === 'fill') {
      if (brought === undefined) continue
      await take(store, elsewhere, [brought])
      known.set(brought.id, brought)
      continue
    }
    const said = {
      ...(priority !== undefined && { priority }),
      ...(tenant && { tenant: aggregateId.startsWith('order') ? 'order' : 'other' }),
    }
    const metadataText = Object.keys(said).length > 0 ? JSON.stringify(said) : ''
    const heads = await store.heads(aggregateId)
    const parents = pick % 4 === 0 ? [] : whole.filter(({ id }) => heads.includes(id))
    const event = there.write({ aggregateId, type, metadataText, parents })
    const sent = what === 'stub' ? stubOf(event) : event
    await take(store, there.origin, [sent])
    whole.push(event)
    known.set(event.id, sent)
  }
  return known
}

/** What a filter shows of events, and whether their content: written without looking at the log's way. */
function byHand(one: Filter, given: EventFilter, known: ReadonlyMap<string, LogEvent>) {
  const events = [...known.values()]
  const owned = new Set(
    events
      .filter(({ stub, metadata }) => stub === null && metadata.tenant)
      .map((e) => e.aggregateId),
  )
  const isSelected = ({ aggregateId }: LogEvent) => {
    if ('aggregates' in given) return aggregateId.startsWith('order-')
    if ('tenant' in given) return aggregateId.startsWith('order-') && owned.has(aggregateId)
    return true
  }
  return seen(events.filter(isSelected).map((event) => one.withhold(event)))
}

/** By id, whether the content is there: of several times the best. */
function seen(events: readonly LogEvent[]): Readonly<Record<string, boolean>> {
  const all: Record<string, boolean> = {}
  for (const { id, stub } of events) all[id] = all[id] === true || stub === null
  return all
}

function expectClosed(events: readonly LogEvent[]): void {
  const before = new Set<string>()
  for (const { id, parents } of events) {
    for (const parent of parents) expect(before).toContain(parent)
    before.add(id)
  }
}

function by(given: EventFilter): Filter {
  return filterOf(given, systemRuntime, { operation: 'test', component: 'test' })
}
