import { deepStrictEqual } from 'node:assert/strict'
import fc from 'fast-check'
import type { EventStore } from '../../../src/contracts/index.ts'
import type { LogEvent } from '../../../src/event/index.ts'
import { property } from '../../property.ts'
import type { Check } from './bench.ts'
import { unlinkedEvent, type Writer, writer } from './elsewhere.ts'
import { append, entriesOf, note, take } from './reading.ts'

export function heads(check: Check): void {
  check('an aggregate without events has no heads', async ({ open }) => {
    const store = await open()
    await append(store, note('a'))
    deepStrictEqual(await store.heads('b'), [])
    deepStrictEqual(await store.heads(''), [])
  })

  check('heads stand oldest first', async ({ open }) => {
    const store = await open()
    const writers = ['x', 'y', 'z'].map((name) => writer(name))
    const events = writers.map((one) => one.write())
    for (const event of [events[1]!, events[2]!, events[0]!])
      await take(store, event.origin!, [event])
    deepStrictEqual(await store.heads('a'), ['y-1', 'z-1', 'x-1'])
  })

  check('an event without causality is no head and hides none', async ({ open }) => {
    const store = await open()
    const [here] = await append(store, note('a'))
    await take(store, writer().origin, [unlinkedEvent('compat'), unlinkedEvent('other', 'b')])
    deepStrictEqual(await store.heads('a'), [here!.id])
    deepStrictEqual(await store.heads('b'), [])
    const [next] = await append(store, note('b'))
    deepStrictEqual(next!.parents, [])
  })

  check('C1: heads are those nobody names as parent, on random histories', async ({ open }) => {
    await property(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
      const store = await open()
      const writers = ['x', 'y'].map((name) => writer(name))
      const known: LogEvent[] = []
      for (const one of steps) await take1(store, one, writers, known)
      for (const aggregateId of aggregates)
        deepStrictEqual(
          new Set(await store.heads(aggregateId)),
          new Set(bruteForceHeads(await linked(store, aggregateId))),
        )
    })
  })
}

/** One event: appended here, or written elsewhere over any of the events of its aggregate. */
interface Step {
  readonly by: 'here' | 0 | 1
  readonly aggregate: number
  readonly parents: readonly number[]
}

const aggregates = ['a', 'b'] as const
const step: fc.Arbitrary<Step> = fc.record({
  by: fc.constantFrom('here' as const, 0 as const, 1 as const),
  aggregate: fc.nat({ max: 1 }),
  parents: fc.array(fc.nat(), { maxLength: 3 }),
})

async function take1(
  store: EventStore,
  { by, aggregate, parents }: Step,
  writers: readonly Writer[],
  known: LogEvent[],
): Promise<void> {
  const aggregateId = aggregates[aggregate] as string
  if (by === 'here') return void known.push(...(await append(store, note(aggregateId))))
  const own = known.filter((event) => event.aggregateId === aggregateId)
  const chosen = new Set(parents.flatMap((at) => own[at % Math.max(own.length, 1)] ?? []))
  const event = writers[by]!.write({ aggregateId, parents: [...chosen] })
  await take(store, writers[by]!.origin, [event])
  known.push(event)
}

async function linked(store: EventStore, aggregateId: string): Promise<readonly LogEvent[]> {
  const events = (await entriesOf(store)).map((entry) => entry.event)
  return events.filter((event) => event.aggregateId === aggregateId && event.origin !== null)
}

function bruteForceHeads(events: readonly LogEvent[]): readonly string[] {
  const named = new Set(events.flatMap((event) => event.parents))
  return events.filter((event) => !named.has(event.id)).map((event) => event.id)
}
