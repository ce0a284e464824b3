import { deepStrictEqual } from 'node:assert/strict'
import type { EventStore } from '../../../contracts/index.ts'
import type { LogEvent } from '../../../event/index.ts'
import { type Random, seededRandom } from '../../simulator/random.ts'
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

  check('a pulled batch says which aggregates were written concurrently', async ({ open }) => {
    const store = await open()
    await append(store, note('both'))
    const there = writer()
    const pull = async (changes: readonly LogEvent[]) => {
      const applied = await store.apply({ via: there.origin, role: 'pulled', changes })
      return applied.kind === 'applied' ? (applied.concurrent ?? []) : 'reset'
    }
    const first = there.write({ aggregateId: 'theirs' })
    const batch = [first, there.write({ aggregateId: 'both' })]
    deepStrictEqual(await pull(batch), ['both'])
    // What was known is nothing new, and neither is what comes on top of the only head.
    deepStrictEqual(await pull(batch), [])
    deepStrictEqual(await pull([there.write({ aggregateId: 'theirs', parents: [first] })]), [])
  })

  check('C1: heads are those nobody names as parent, on random histories', async ({ open }) => {
    const store = await open()
    for (let seed = 1; seed <= histories; seed++) {
      const random = seededRandom(seed)
      const aggregates = [`a${seed}`, `b${seed}`]
      const writers = ['x', 'y'].map((name) => writer(`${name}${seed}`))
      const known: LogEvent[] = []
      for (let steps = random.int(1, 40); steps > 0; steps--)
        await takeStep(store, stepOf(random, aggregates), writers, known)
      for (const aggregateId of aggregates)
        deepStrictEqual(
          [`history ${seed}`, new Set(await store.heads(aggregateId))],
          [`history ${seed}`, new Set(bruteForceHeads(await linked(store, aggregateId)))],
        )
    }
  })
}

/** One event: appended here, or written elsewhere over any of the events of its aggregate. */
interface Step {
  readonly by: 'here' | 0 | 1
  readonly aggregateId: string
  readonly parents: readonly number[]
}

/** Each in aggregates of its own, so that one store does for all. */
const histories = 30

function stepOf(random: Random, aggregates: readonly string[]): Step {
  const parents = Array.from({ length: random.int(0, 3) }, () => random.int(0, 1_000))
  return { by: random.pick(['here', 0, 1] as const), aggregateId: random.pick(aggregates), parents }
}

async function takeStep(
  store: EventStore,
  { by, aggregateId, parents }: Step,
  writers: readonly Writer[],
  known: LogEvent[],
): Promise<void> {
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
