import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Batch, EventStore } from '../../src/contracts/index.ts'
import type { LogEvent } from '../../src/event/index.ts'
import {
  eventOf,
  stubOf,
  unlinkedEvent,
  writer,
} from '../../src/testing/acceptance/event-store/elsewhere.ts'
import type { EventStoreFixture } from '../../src/testing/acceptance/event-store/fixture.ts'
import { testRuntime } from '../../src/testing/acceptance/event-store/test-runtime.ts'
import { parseCursor, start } from '../../src/version/index.ts'
import { property } from '../property.ts'
import { journalFixture } from './memory-fixture.ts'
import { sqliteFixture } from './sqlite-fixture.ts'

const ways = {
  SQLite: (fixture: EventStoreFixture) => openAt(fixture, 1),
  'SQLite opened three times, used in turn': (fixture: EventStoreFixture) => openAt(fixture, 3),
}

for (const [name, open] of Object.entries(ways))
  it(`C1, S3: ${name} gives the same answers as memory to the same random calls`, async () => {
    const fixture = sqliteFixture('sqlite', { durability: 'normal' })
    await property(
      fc.array(step, { minLength: 10, maxLength: 60 }),
      async (steps) => {
        try {
          const expected = await answersOf(await openAt(journalFixture(), 1), steps)
          expect(await answersOf(await open(fixture), steps)).toEqual(expected)
        } finally {
          await fixture.dispose()
        }
      },
      25,
    )
  }, 60_000)

interface Step {
  readonly what: (typeof whats)[number]
  readonly from: number
  readonly aggregate: number
  readonly pick: readonly number[]
  readonly pushed: boolean
}

const whats = [
  'append',
  'append',
  'append again',
  'bring',
  'bring',
  'bring a stub',
  'fill',
  'bring again',
  'fork',
  'contradict',
  'unlinked',
  'reset',
  'park',
  'settle',
  'reopen',
] as const
const step: fc.Arbitrary<Step> = fc.record({
  what: fc.constantFrom(...whats),
  from: fc.nat({ max: 1 }),
  aggregate: fc.nat({ max: 2 }),
  pick: fc.array(fc.nat(), { maxLength: 3 }),
  pushed: fc.boolean(),
})

/** What a store answers to each step, and what it holds after each. */
async function answersOf(place: Place, steps: readonly Step[]): Promise<readonly unknown[]> {
  const one = new Conversation(place)
  const answers: unknown[] = []
  for (const step of steps) answers.push(await one.take(step), await one.holdings())
  return answers
}

/** One place and the openings it is used through, in turn. */
interface Place {
  next(): EventStore
  reopen(): Promise<void>
}

async function openAt(fixture: EventStoreFixture, openings: number): Promise<Place> {
  let stores = [await fixture.open({ node: 'n', runtime: testRuntime() })]
  const joinAll = async () => {
    while (stores.length < openings) stores.push(await fixture.join(stores[0]!))
  }
  await joinAll()
  let turn = 0
  return {
    next: () => stores[turn++ % openings]!,
    async reopen() {
      const [first, ...others] = stores
      for (const other of others) await other.close()
      stores = [await fixture.reopen(first!)]
      await joinAll()
    },
  }
}

class Conversation {
  readonly #place: Place
  #store: EventStore
  readonly #writers = ['x', 'y'].map((name) => writer(name))
  /** Everything that was brought, in full. */
  readonly #brought: LogEvent[] = []
  #written = 0

  constructor(place: Place) {
    this.#place = place
    this.#store = place.next()
  }

  async take(step: Step): Promise<unknown> {
    this.#store = this.#place.next()
    const { from, aggregate, pick } = step
    const link = this.#writers[from]!.origin
    const aggregateId = `a${aggregate}`
    switch (step.what) {
      case 'append':
        return this.#append(`own-${++this.#written}`, aggregateId)
      case 'append again':
        return this.#append(`own-${1 + ((pick[0] ?? 0) % (this.#written + 1))}`, aggregateId)
      case 'bring': {
        const event = this.#writers[from]!.write({ aggregateId, parents: this.#some(step) })
        this.#brought.push(event)
        return this.#bring(step, event)
      }
      case 'bring a stub': {
        const event = this.#writers[from]!.write({ aggregateId, parents: this.#some(step) })
        this.#brought.push(event)
        return this.#bring(step, stubOf(event))
      }
      case 'fill':
      case 'bring again':
        return this.#bring(step, ...this.#brought.filter((_, at) => at % 3 === aggregate))
      case 'fork': {
        const sequence = BigInt(1 + ((pick[0] ?? 0) % 3))
        const id = `fork-${++this.#written}`
        const next = this.#brought.filter((event) => event.origin === link).length
        const fork = this.#writers[from]!.write({ id, aggregateId, sequence })
        // The writer goes on from where it was.
        this.#writers[from]!.write({ sequence: BigInt(next) })
        return this.#bring(step, fork)
      }
      case 'contradict': {
        const others = this.#brought.slice(0, 2)
        return this.#bring(step, ...others.map((one) => eventOf({ ...one, dataText: '"other"' })))
      }
      case 'unlinked':
        return this.#bring(step, unlinkedEvent(`unlinked-${aggregate}`, aggregateId))
      case 'reset':
        return this.#store.resetLink(link)
      case 'park':
        return this.#settle(step, this.#brought.slice(0, 2))
      case 'settle':
        return this.#settle(step, [])
      case 'reopen':
        await this.#place.reopen()
        return 'reopened'
    }
  }

  async holdings(): Promise<object> {
    this.#store = this.#place.next()
    const store = this.#store
    const { entries } = await store.entries({})
    const { links, origin: _, ...status } = await store.status()
    const origins = this.#writers.map((one) => one.origin)
    return {
      entries: entries.map(({ position, event }) => [
        position,
        event.id,
        event.stub,
        event.dataText,
      ]),
      headers: entries.map(({ event }) => [event.sequence, event.stamp, ...event.parents]),
      status,
      links: links
        .map(({ link, unsynced, parked }) => [link, unsynced, parked])
        .toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
      heads: await Promise.all(['a0', 'a1', 'a2'].map((id) => store.heads(id))),
      feeds: await Promise.all(origins.map((origin) => this.#feed(origin))),
      knowledge: await Promise.all(
        origins.map(async (origin) => {
          const { sequence, ids } = await store.knowledge(origin)
          return [sequence, ids.toSorted()]
        }),
      ),
      parked: await Promise.all(
        origins.map(async (origin) => (await store.link(origin)).parked.map((one) => one.id)),
      ),
    }
  }

  /** Page by page, two at a time. */
  async #feed(notVia: Batch<LogEvent>['via']): Promise<readonly unknown[]> {
    const feed: unknown[] = []
    for (let cursor = start; ; ) {
      const page = await this.#store.changes(cursor, { count: 2, bytes: 1_000_000, notVia })
      if (page.kind === 'reset') return ['reset']
      feed.push(
        page.changes.map((event) => event.id),
        parseCursor(page.cursor)?.position,
      )
      if (!page.more) return feed
      cursor = page.cursor
    }
  }

  async #append(id: string, aggregateId: string): Promise<unknown> {
    const event = { id, type: 'noted', aggregateId, data: { id } }
    return this.#store.append([event, { ...event, id: `${id}b`, type: 'other' }]).then(
      (answer) => answer.kind === 'appended' && answer.events.map((one) => one.parents),
      (error) => error.code,
    )
  }

  async #bring({ from, pushed }: Step, ...changes: readonly LogEvent[]): Promise<unknown> {
    const via = this.#writers[from]!.origin
    return this.#store.apply({ via, role: pushed ? 'pushed' : 'pulled', changes })
  }

  async #settle({ from, pushed }: Step, parked: readonly LogEvent[]): Promise<boolean> {
    const link = this.#writers[from]!.origin
    const { generation, pushed: expects } = await this.#store.link(link)
    const { end } = await this.#store.identity()
    return this.#store.settle({
      link,
      generation,
      expects,
      pushed: pushed ? end : expects,
      parked: parked.map(({ id }) => ({ id, reason: 'invalid', message: 'no' })),
      unparked: pushed ? this.#brought.slice(0, 1).map(({ id }) => id) : [],
    })
  }

  #some({ aggregate, pick }: Step): readonly LogEvent[] {
    const own = this.#brought.filter((event) => event.aggregateId === `a${aggregate}`)
    return [...new Set(pick.flatMap((at) => own[at % Math.max(own.length, 1)] ?? []))]
  }
}
