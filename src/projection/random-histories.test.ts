import fc from 'fast-check'
import { expect, it } from 'vitest'
import { eventsOf, type Machine, machine, sync } from '../../test/fleet.ts'
import { property } from '../../test/property.ts'
import type { Stamp } from '../clock/index.ts'
import { defineRules, historyOf } from '../conflict/index.ts'
import type { EffectiveEvent, HistoryOf } from '../contracts/index.ts'
import {
  type EventFilter,
  type EventId,
  filterOf,
  foreignEvent,
  type Origin,
  snapshotType,
} from '../event/index.ts'
import { systemRuntime } from '../runtime/index.ts'
import { naiveFold } from './fixtures/naive.ts'
import { memorySink, type Projected, type ProjectionOptions, Projections } from './index.ts'

const runs = process.env.REJOIN_TORTURE === 'full' ? 120 : 60
const lastWins = historyOf(defineRules({ fallback: 'last-write-wins' }))
const merging = historyOf(defineRules({ fallback: 'merge-fields' }))

it.each<[string, HistoryOf | undefined]>([
  ['everything counts', undefined],
  ['the last write wins', lastWins],
  ['fields are merged', merging],
])(
  'C2: whatever comes late, is filled, erased, compacted or concurrent, each result is a fold of all events, where %s',
  async (_, history) => {
    const seen = { late: 0, stubs: 0, forks: 0, dead: 0, snapshots: 0, erased: 0, compacted: 0 }
    await property(
      fc.record({
        steps: fc.array(step, { minLength: 20, maxLength: 80, size: 'max' }),
        batchSize: fc.integer({ min: 1, max: 7 }),
        checkpointEvery: fc.integer({ min: 1, max: 4 }),
      }),
      async ({ steps, ...sizes }) => {
        const fleet = await Fleet.start(history, sizes)
        for (const one of steps) await fleet.take(one)
        await fleet.expectNaive()
        await fleet.settle()
        await fleet.expectNaive()
        await fleet.expectAgreement()
        await fleet.count(seen)
      },
      runs,
    )
    expect(seen.late).toBeGreaterThan(25)
    expect(seen.forks).toBeGreaterThan(25)
    expect(seen.stubs).toBeGreaterThan(10)
    expect(seen.dead).toBeGreaterThan(10)
    expect(seen.snapshots).toBeGreaterThan(25)
    expect(seen.erased).toBeGreaterThan(25)
    expect(seen.compacted).toBeGreaterThan(0)
  },
  120_000,
)

interface Step {
  readonly what:
    | 'write'
    | 'snapshot'
    | 'foreign'
    | 'erase'
    | 'compact'
    | 'sync'
    | 'sync filtered'
    | 'project'
    | 'rebuild'
    | 'retry'
  readonly one: number
  readonly other: number
  readonly aggregate: number
  readonly value: number
}

const weights: readonly (readonly [Step['what'], number])[] = [
  ['write', 12],
  ['snapshot', 2],
  ['foreign', 1],
  ['erase', 2],
  ['compact', 3],
  ['sync', 5],
  ['sync filtered', 3],
  ['project', 8],
  ['rebuild', 1],
  ['retry', 1],
]
const step: fc.Arbitrary<Step> = fc.record({
  what: fc.oneof(...weights.map(([what, weight]) => ({ weight, arbitrary: fc.constant(what) }))),
  one: fc.nat({ max: 2 }),
  other: fc.nat({ max: 2 }),
  aggregate: fc.nat({ max: 2 }),
  value: fc.nat({ max: 30 }),
})

interface Data {
  readonly value: number
  readonly key: string
}
type Events = { Set: Data; Added: Data; Ignored: Data; 'rejoin.snapshot': Data }

/** Depends on the order, and on every bit that counts. */
function note(state: unknown, { type, data }: { type: string; data: unknown }): string[] {
  const { value } = data as Data
  if (value === 13) throw new Error('an unlucky number')
  // It stands for all there was, which a fold of one aggregate can say.
  if (type === snapshotType) return [`snapshot ${JSON.stringify(data)}`]
  return [...((state as string[] | undefined) ?? []), `${type} ${JSON.stringify(data)}`]
}

const keys: Readonly<Record<string, ProjectionOptions<Events, string[]>['key']>> = {
  aggregates: undefined,
  total: () => 'total',
  chosen: ({ data }) => {
    if (data.value === 14) throw new Error('no key for this')
    return data.value === 15 ? undefined : data.key
  },
}

function optionsOf(name: string, isBatch: boolean): ProjectionOptions<Events, string[]> {
  const key = keys[name]
  const folds = isBatch
    ? {
        batch: {
          types: ['Set', 'Added', snapshotType] as const,
          fold: (state: string[], events: readonly { type: string; data: unknown }[]) =>
            events.reduce(note, state),
        },
      }
    : {
        on: {
          Set: note,
          [snapshotType]: note,
          Added: async (state: string[], event: { type: string; data: unknown }) =>
            note(state, event),
        },
      }
  return {
    name,
    initial: [],
    poison: 'deadLetter',
    ...(key && { key }),
    ...folds,
  } as ProjectionOptions<Events, string[]>
}

interface Place {
  readonly machine: Machine
  readonly projections: Projections
  readonly models: ReadonlyMap<string, Projected<string[]>>
  /** What its read models have seen with content. */
  readonly folded: Map<EventId, Stamp>
}

class Fleet {
  readonly #places: readonly Place[]
  readonly #history: HistoryOf | undefined
  #written = 0
  #late = 0
  #stubs = 0
  #dead = 0
  #snapshots = 0
  #erased = 0
  #compacted = 0

  private constructor(places: readonly Place[], history: HistoryOf | undefined) {
    this.#places = places
    this.#history = history
  }

  static async start(
    history: HistoryOf | undefined,
    sizes: { readonly batchSize: number; readonly checkpointEvery: number },
  ): Promise<Fleet> {
    const places = ['x', 'y', 'z'].map(async (node, at): Promise<Place> => {
      const one = await machine(node)
      const projections = new Projections({
        store: one.store,
        sink: memorySink(),
        ...(history && { history, rules: 'rules' }),
      })
      const models = Object.keys(keys).map((name) => {
        const options = { ...optionsOf(name, at === 1), ...sizes }
        return [name, projections.project(options)] as const
      })
      return { machine: one, projections, models: new Map(models), folded: new Map() }
    })
    return new Fleet(await Promise.all(places), history)
  }

  async take({ what, one, other, aggregate, value }: Step): Promise<void> {
    const { machine: here, projections, models } = this.#at(one)
    const there = this.#at(other).machine
    const data: Data = { value, key: `k${value % 3}` }
    const id = `e${++this.#written}`
    const type = (['Set', 'Added', 'Ignored'] as const)[value % 3] as string
    const aggregateId = `a${aggregate}`
    switch (what) {
      case 'write':
        await here.store.append([{ id, type, aggregateId, data }])
        return
      case 'snapshot':
        this.#snapshots++
        await here.store.append([{ id, type: snapshotType, aggregateId, data }])
        return
      case 'foreign': {
        const timestamp = new Date(Date.now() - 1_000 + value * 50).toISOString()
        const content = { id, type, aggregateId, dataText: JSON.stringify(data) }
        const metadataText = JSON.stringify({ timestamp })
        const changes = [foreignEvent({ ...content, metadataText }, systemRuntime)]
        await here.store.apply({ via: elsewhere, role: 'pushed', changes })
        return
      }
      case 'sync':
        if (one !== other) await sync(here, there)
        return
      case 'sync filtered':
        if (one !== other)
          await sync(here, there, { filter: filterOf(onlySet, systemRuntime, where) })
        return
      case 'erase':
        return this.#erase(this.#at(one), value)
      case 'compact': {
        const readers = await projections.readers()
        this.#compacted += (
          await here.store.compact({ olderThan: 0, readers, silence: 0 })
        ).compacted
        return
      }
      case 'project':
        await this.#countLate(this.#at(one))
        return projections.run()
      case 'rebuild':
        for (const model of models.values()) await model.rebuild()
        return
      case 'retry':
        for (const model of models.values()) this.#dead += await model.retryDeadLetters()
    }
  }

  /** Everybody gets everything. */
  async settle(): Promise<void> {
    for (const { machine: one } of this.#places)
      this.#stubs += (await eventsOf(one)).filter(({ stub }) => stub !== null).length
    for (const [from, to] of [
      [0, 1],
      [0, 2],
      [0, 1],
      [0, 2],
      [0, 1],
    ] as const)
      await sync(this.#at(from).machine, this.#at(to).machine)
  }

  async expectNaive(): Promise<void> {
    for (const { machine: one, projections, models } of this.#places) {
      await projections.run()
      const events = await eventsOf(one)
      for (const [name, model] of models) {
        const key = keys[name] as ((entry: unknown) => string | undefined) | undefined
        const handled = (entry: { type: string }) =>
          ['Set', 'Added', snapshotType].includes(entry.type)
        const poisoned: string[] = []
        const naive = naiveFold(
          events,
          noting(poisoned, (entry) =>
            handled(entry) ? (key === undefined ? entry.event.aggregateId : key(entry)) : undefined,
          ),
          (state, entry) => noting(poisoned, (one) => note(state, one))(entry),
          this.#history,
        )
        const { results } = await model.list()
        const found = new Map(results.map(({ key, value }) => [key, value]))
        expect(Object.fromEntries(found), `${name} of ${one.store.constructor.name}`).toEqual(
          Object.fromEntries(naive),
        )
        expect((await model.status()).lag).toBe(0n)
        const letters = (await model.deadLetters()).map(({ id }) => id)
        expect(letters.toSorted(), `letters of ${name}`).toEqual(poisoned.toSorted())
      }
    }
  }

  async expectAgreement(): Promise<void> {
    const [first, ...others] = this.#places as readonly [Place, ...Place[]]
    for (const { models } of others)
      for (const [name, model] of models)
        expect((await model.list()).results).toEqual((await first.models.get(name)!.list()).results)
  }

  /** Of something that was folded, mostly. */
  async #erase({ machine: { store }, folded }: Place, value: number): Promise<void> {
    const id = [...folded.keys()][value % folded.size]
    if (id === undefined) return
    try {
      this.#erased += (await store.erase([id])).erased
    } catch (error) {
      // A snapshot that alone says what came of some events stays.
      expect(error).toMatchObject({ code: 'invalid_argument' })
    }
  }

  /** What takes a place before something that was folded already. */
  async #countLate({ machine: one, folded }: Place): Promise<void> {
    const full = (await eventsOf(one)).filter(({ stub }) => stub === null)
    const fresh = full.filter(({ id }) => !folded.has(id))
    const stamps = [...folded.values()]
    this.#late += fresh.filter(({ stamp }) => stamps.some((other) => stamp < other)).length
    for (const { id, stamp } of fresh) folded.set(id, stamp)
  }

  async count(
    seen: Record<
      'late' | 'stubs' | 'forks' | 'dead' | 'snapshots' | 'erased' | 'compacted',
      number
    >,
  ): Promise<void> {
    const events = await eventsOf(this.#at(0).machine)
    const named = events.flatMap((event) => event.parents)
    seen.forks += named.length - new Set(named).size
    seen.late += this.#late
    seen.snapshots += this.#snapshots
    seen.stubs += this.#stubs
    seen.erased += this.#erased
    seen.compacted += this.#compacted
    seen.dead += this.#dead
    for (const { models } of this.#places)
      for (const model of models.values()) seen.dead += (await model.deadLetters()).length
  }

  #at(at: number): Place {
    return this.#places[at] as Place
  }
}

/** Notes the events over which something throws. */
function noting<T>(
  poisoned: string[],
  look: (entry: EffectiveEvent) => T,
): (entry: EffectiveEvent) => T {
  return (entry) => {
    try {
      return look(entry)
    } catch (error) {
      poisoned.push(entry.event.id)
      throw error
    }
  }
}

const elsewhere = 'elsewhere~0123456789abcdef' as Origin
const onlySet: EventFilter = { types: ['Set'] }
const where = { operation: 'test', component: 'test' }
