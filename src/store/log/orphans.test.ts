import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { eventsOf, expectSame, type Machine, machine, sync } from '../../../test/fleet.ts'
import { property } from '../../../test/property.ts'
import type { EventStore } from '../../contracts/index.ts'
import { type EventId, type LogEvent, type Origin, withoutCausality } from '../../event/index.ts'
import { eventOf } from '../../testing/acceptance/event-store/elsewhere.ts'
import { SqliteStore, verifyStore } from '../sqlite/index.ts'

/** Which earlier events of its aggregate each event names, by what their numbers leave over. */
interface Written {
  readonly aggregate: number
  readonly parents: readonly number[]
}

const history = fc.array(
  fc.record({
    aggregate: fc.nat({ max: 1 }),
    parents: fc.uniqueArray(fc.nat({ max: 4 }), { maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 10 },
)
const arrival = fc.record({
  at: fc.nat(),
  event: fc.nat(),
  bare: fc.boolean(),
  native: fc.boolean(),
})
const order = fc.array(fc.nat(), { minLength: 10, maxLength: 10 })
const arrivals = fc.array(arrival, { maxLength: 40 })

it('S1, C1: headers and bare events in any order end in the same log, with the heads it has', async () => {
  await property(
    fc.tuple(history, arrivals, order),
    async (given) => {
      const [written, first, random] = given
      const events = eventsIn(written)
      for (let n = 0; n < 2; n++) {
        const one = await machine(`replica-${n}`)
        for (const { event, bare, native } of first)
          await bring(one.store, pick(events, event), bare, native)
        for (const event of shuffled(events, random)) await bring(one.store, event, false, false)
        expectAll(await eventsOf(one), events)
        await expectHeads(one.store, events)
      }
    },
    200,
  )
}, 60_000)

it('S1: replicas that got some events with headers and some without agree once they have met', async () => {
  await property(
    fc.tuple(history, arrivals),
    async ([written, steps]) => {
      const events = eventsIn(written)
      const fleet = await Promise.all(['x', 'y', 'z'].map((name) => machine(name)))
      for (const { at, event, bare, native } of steps)
        await bring(pick(fleet, at).store, pick(events, event), bare, native)
      await meet(fleet)
      await expectSame(...(fleet as [Machine, ...Machine[]]))
      const held = (await eventsOf(fleet[0] as Machine)).filter((event) => event.origin !== null)
      await expectHeads((fleet[0] as Machine).store, held)
    },
    200,
  )
}, 60_000)

it('S1: a log in a file comes to the same, and is sound', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'rejoin-orphans-'))
  let files = 0
  try {
    await property(
      fc.tuple(history, arrivals),
      async ([written, steps]) => {
        const events = eventsIn(written)
        const path = join(folder, `${files++}.db`)
        const inMemory = await machine('memory')
        await using inFile = await SqliteStore.open({ path, durability: 'normal' })
        for (const { event, bare, native } of steps)
          for (const store of [inMemory.store, inFile])
            await bring(store, pick(events, event), bare, native)
        const { entries } = await inFile.entries()
        expectAll(
          entries.map(({ event }) => event),
          await eventsOf(inMemory),
        )
        expect((await verifyStore(path)).problems).toEqual([])
      },
      20,
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}, 60_000)

function eventsIn(written: readonly Written[]): readonly LogEvent[] {
  const events: LogEvent[] = []
  written.forEach(({ aggregate, parents }, at) => {
    const aggregateId = `a${aggregate}`
    const earlier = events.filter((event) => event.aggregateId === aggregateId)
    const named = new Set(earlier.length === 0 ? [] : parents.map((one) => pick(earlier, one).id))
    events.push(
      eventOf({
        id: `e${at}`,
        origin: writerOrigin,
        sequence: BigInt(at + 1),
        stamp: BigInt(at + 1),
        parents: [...named],
        aggregateId,
        type: 'noted',
        dataText: `{"n":${at}}`,
        metadataText: '',
      }),
    )
  })
  return events
}

/** Over a link that can be asked for parents, or one that can't. */
async function bring(
  store: EventStore,
  event: LogEvent,
  bare: boolean,
  native: boolean,
): Promise<void> {
  const changes = [bare ? withoutCausality(event) : event]
  if (native) await store.apply({ via: nativePeer, role: 'pulled', changes })
  else await store.apply({ via: goPeer, role: 'pulled', changes, orphans: 'adopt' })
}

/** Until nobody has anything new for anybody. */
async function meet(fleet: readonly Machine[]): Promise<void> {
  for (let moved = 1, round = 0; moved > 0; round++) {
    expect(round).toBeLessThan(10)
    moved = 0
    for (const one of fleet)
      for (const other of fleet) {
        if (one === other) continue
        const { pushed, pulled } = await sync(one, other)
        moved += pushed + pulled
      }
  }
}

function expectAll(found: readonly LogEvent[], expected: readonly LogEvent[]): void {
  const byId = (events: readonly LogEvent[]) =>
    events
      .map((event) => event.toJSON())
      .toSorted((one, other) => idOf(one).localeCompare(idOf(other)))
  expect(byId(found)).toEqual(byId(expected))
}

/** By brute force: those nobody names. */
async function expectHeads(store: EventStore, events: readonly LogEvent[]): Promise<void> {
  for (const aggregateId of ['a0', 'a1']) {
    const named = new Set<EventId>(events.flatMap((event) => event.parents))
    const heads = events.filter((one) => one.aggregateId === aggregateId && !named.has(one.id))
    const found = await store.heads(aggregateId)
    expect([...found].toSorted()).toEqual(heads.map((one) => one.id).toSorted())
  }
}

function shuffled<T>(items: readonly T[], random: readonly number[]): readonly T[] {
  const left = [...items]
  const order: T[] = []
  for (const number of random) {
    if (left.length === 0) break
    order.push(...left.splice(number % left.length, 1))
  }
  return order
}

function pick<T>(items: readonly T[], at: number): T {
  return items[at % items.length] as T
}

const idOf = (one: object): string => (one as { id: string }).id
const writerOrigin = 'writer~0123456789abcdef' as Origin
const nativePeer = 'native~0123456789abcdef' as Origin
const goPeer = 'go~0123456789abcdef' as Origin
