import fc from 'fast-check'
import { expect, it } from 'vitest'
import { coveredBySnapshots, effectiveHistory, recordOf } from '../../src/conflict/index.ts'
import {
  compactedOf,
  type EventId,
  erasedOf,
  filterOf,
  type LogEvent,
  sameEvent,
  snapshotType,
} from '../../src/event/index.ts'
import { systemRuntime } from '../../src/runtime/index.ts'
import { failureReport, simulate } from '../../src/testing/index.ts'
import { eventsOf, type Machine, machine, sync } from '../fleet.ts'
import { property } from '../property.ts'
import { awayOnce, compactingHub } from './patches/compacting-hub.ts'

it('S1, C2, C3: nodes that compact when they like mean what one means that never did, and lack no event', async () => {
  const seen = { compacted: 0, kept: 0, stubsTaken: 0, beside: 0, erased: 0, differ: 0 }
  await property(
    fc.array(step, { minLength: 30, maxLength: 90, size: 'max' }),
    async (steps) => {
      const fleet = await Fleet.start(seen)
      for (const one of steps) await fleet.take(one)
      await fleet.settle()
      await fleet.expectAgreement()
    },
    80,
  )
  for (const [what, times] of Object.entries(seen)) expect(times, what).toBeGreaterThan(10)
}, 180_000)

it('C3: a hub that compacts waits for whom it met once, over a link that stayed live', async () => {
  let compacted = 0
  const application = compactingHub((count) => {
    compacted += count
  })
  for (let seed = 1; seed <= 10; seed++) {
    const options = { scenario: awayOnce, application }
    const run = await simulate(seed, options)
    if (run.finding !== undefined) throw new Error(await failureReport(run, options))
  }
  expect(compacted).toBeGreaterThan(10)
})

interface Step {
  readonly what:
    | 'write'
    | 'snapshot'
    | 'sync'
    | 'filtered'
    | 'compact'
    | 'reckless'
    | 'erase'
    | 'restart'
  readonly one: number
  readonly other: number
  readonly value: number
}

const weights: readonly (readonly [Step['what'], number])[] = [
  ['write', 12],
  ['snapshot', 3],
  ['sync', 9],
  ['filtered', 1],
  ['compact', 3],
  ['reckless', 2],
  ['erase', 1],
  ['restart', 1],
]
const step: fc.Arbitrary<Step> = fc.record({
  what: fc.oneof(...weights.map(([what, weight]) => ({ weight, arbitrary: fc.constant(what) }))),
  one: fc.nat({ max: 2 }),
  other: fc.nat({ max: 2 }),
  value: fc.nat({ max: 30 }),
})

type Seen = Record<'compacted' | 'kept' | 'stubsTaken' | 'beside' | 'erased' | 'differ', number>

class Fleet {
  readonly #machines: Machine[]
  /** Everything that was ever appended, as it was written or erased. */
  readonly #ledger = new Map<EventId, LogEvent>()
  readonly #seen: Seen

  static async start(seen: Seen): Promise<Fleet> {
    return new Fleet(await Promise.all(['x', 'y', 'z'].map((node) => machine(node))), seen)
  }

  private constructor(machines: Machine[], seen: Seen) {
    this.#machines = machines
    this.#seen = seen
  }

  async take({ what, one, other, value }: Step): Promise<void> {
    const here = this.#machines[one] as Machine
    const there = this.#machines[other] as Machine
    const aggregateId = `a${value % 2}`
    switch (what) {
      case 'write':
        return this.#append(here, value % 3 === 0 ? 'B' : 'A', aggregateId, { value })
      case 'snapshot':
        return this.#append(here, snapshotType, aggregateId, { all: value })
      case 'sync':
        if (one !== other) await this.#sync(here, there)
        return
      case 'filtered': {
        const where = { operation: 'test', component: 'test' }
        const filter = filterOf({ types: ['A'] }, systemRuntime, where)
        if (one !== other) await sync(here, there, { filter })
        return
      }
      case 'compact': {
        const { compacted, kept } = await here.store.compact({ olderThan: 0 })
        this.#seen.compacted += compacted
        this.#seen.kept += kept.length
        return
      }
      case 'reckless': {
        const { links } = await here.store.status()
        const leaveBehind = links.map(({ link }) => link)
        this.#seen.compacted += (await here.store.compact({ olderThan: 0, leaveBehind })).compacted
        return
      }
      case 'erase': {
        const events = (await eventsOf(here)).filter(({ type }) => type === 'A' || type === 'B')
        const event = events[value % Math.max(events.length, 1)]
        if (event === undefined) return
        this.#seen.erased += (await here.store.erase([event.id])).erased
        this.#ledger.set(event.id, erasedOf(event))
        return
      }
      case 'restart':
        this.#machines[one] = await machine(`${one}`, [...here.records])
    }
  }

  /** Everybody gets everything there is. */
  async settle(): Promise<void> {
    const [x, y, z] = this.#machines as [Machine, Machine, Machine]
    for (let round = 0; round < 3; round++) for (const one of [y, z]) await this.#sync(one, x)
  }

  async expectAgreement(): Promise<void> {
    const whole = [...this.#ledger.values()]
    const expected = meaningOf(whole)
    if (expected.includes('beside-snapshot')) this.#seen.beside++
    const covered = new Set<EventId>()
    for (const aggregateId of ['a0', 'a1'])
      for (const id of coveredBySnapshots(whole.filter((one) => one.aggregateId === aggregateId)))
        covered.add(id)
    const forms = new Set<string>()
    for (const { store } of this.#machines) {
      const { entries } = await store.entries({ count: 10_000 })
      const events = entries.map(({ event }) => event)
      expect(new Set(events.map(({ id }) => id))).toEqual(new Set(this.#ledger.keys()))
      expect(meaningOf(events)).toBe(expected)
      for (const event of events) this.#expectSame(event, covered)
      forms.add(
        events
          .map(({ id, stub }) => `${id} ${stub}`)
          .sort()
          .join(),
      )
      const { links } = await store.status()
      for (const { parked } of links) expect(parked).toBe(0)
    }
    if (forms.size > 1) this.#seen.differ++
  }

  #expectSame(event: LogEvent, covered: ReadonlySet<EventId>): void {
    const written = this.#ledger.get(event.id) as LogEvent
    if (event.stub === null || event.stub === 'erased' || !covered.has(event.id))
      expect(sameEvent(event, written), `${event.id} is ${event.stub}`).toBe(true)
    else if (event.stub === 'compacted')
      expect(sameEvent(event, compactedOf(written)), event.id).toBe(true)
  }

  async #append(here: Machine, type: string, aggregateId: string, data: unknown): Promise<void> {
    const answer = await here.store.append([{ type, aggregateId, data }])
    if (answer.kind !== 'appended') return
    for (const event of answer.events) this.#ledger.set(event.id, event)
  }

  async #sync(from: Machine, to: Machine): Promise<void> {
    const before = await stubsIn(from)
    await sync(from, to)
    if ((await stubsIn(from)) > before) this.#seen.stubsTaken++
  }
}

async function stubsIn(one: Machine): Promise<number> {
  return (await eventsOf(one)).filter(({ stub }) => stub === 'compacted').length
}

function meaningOf(events: readonly LogEvent[]): string {
  return JSON.stringify(
    ['a0', 'a1'].map((aggregateId) => {
      const own = events.filter((event) => event.aggregateId === aggregateId)
      const { events: history, conflicts } = effectiveHistory(own)
      return [history.map(({ event, data }) => [event.toJSON(), data]), conflicts.map(recordOf)]
    }),
  )
}
