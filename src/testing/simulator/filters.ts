import { type EventFilter, type Filter, filterOf, type LogEvent } from '../../event/index.ts'
import { systemRuntime } from '../../runtime/index.ts'
import type { Random } from './random.ts'

/** From a time on, what a node syncs; without a filter, everything. */
export interface FilterTurn {
  readonly at: number
  readonly filter?: EventFilter
}

/** By the name of the node that calls. */
export type FilterPlan = ReadonlyMap<string, readonly FilterTurn[]>

/** Filters of every kind, which change while things go wrong. */
export function drawFilters(random: Random, nodes: readonly string[], within: number): FilterPlan {
  const drawOne = (at: number): FilterTurn => {
    const filter = random.pick(kinds)(random)
    return { at, ...(filter && { filter }) }
  }
  const turnsOf = () => {
    const times = Array.from({ length: random.int(1, 3) }, () => random.int(1_000, within))
    return [0, ...times.toSorted((one, other) => one - other)].map(drawOne)
  }
  return new Map(nodes.filter(() => random.chance(0.7)).map((node) => [node, turnsOf()]))
}

/** Whose an aggregate is; the events that say so all say the same. */
export function tenantOf(aggregateId: string): string {
  return aggregateId.charCodeAt(0) % 2 === 0 ? 'even' : 'odd'
}

/** The filters of a world, as its nodes come to use them. */
export class Filters {
  readonly #turns: ReadonlyMap<string, readonly (readonly [number, Filter | undefined])[]>
  readonly #last = new Map<string, Filter | undefined>()
  readonly #onChange: (node: string) => void

  constructor(plan: FilterPlan, onChange: (node: string) => void) {
    this.#onChange = onChange
    this.#turns = new Map(
      [...plan].map(([node, turns]) => [node, turns.map(({ at, filter }) => [at, made(filter)])]),
    )
  }

  get areUsed(): boolean {
    return this.#turns.size > 0
  }

  /** What a node that syncs now goes by. */
  at(node: string, now: number): Filter | undefined {
    const filter = this.#turns.get(node)?.findLast(([from]) => from <= now)?.[1]
    if (this.#last.has(node) && this.#last.get(node) !== filter) this.#onChange(node)
    this.#last.set(node, filter)
    return filter
  }

  /** All that a node ever goes by. */
  ever(node: string): readonly (Filter | undefined)[] {
    return this.#turns.get(node)?.map(([, filter]) => filter) ?? [undefined]
  }

  /** `undefined`: none, which shows everything. */
  named(fingerprint: string): Filter | undefined {
    const all = [...this.#turns.values()].flat().map(([, filter]) => filter)
    return all.find((filter) => filter?.fingerprint === fingerprint)
  }
}

const kinds: readonly ((random: Random) => EventFilter | undefined)[] = [
  () => undefined,
  (random) => ({ types: [random.pick(['set', 'added'])] }),
  (random) => ({ metadata: { number: { gte: random.int(1, 40) } } }),
  (random) => ({ metadata: { by: { exists: random.chance(0.5) } } }),
  (random) => ({ aggregates: [random.pick(['cart', 'door', 'lamp', 'l*', 'd*'])] }),
  (random) => ({ aggregates: ['cart', 'lamp'], types: [random.pick(['set', 'added'])] }),
  (random) => ({ tenant: random.pick(['even', 'odd']) }),
  (random) => remainder(random.int(0, 1)),
]

function remainder(rest: number): EventFilter {
  const matches = ({ data }: LogEvent) => (data as { number: number }).number % 2 === rest
  return { key: `number modulo 2 is ${rest}`, matches }
}

function made(filter: EventFilter | undefined): Filter | undefined {
  return filter && filterOf(filter, systemRuntime, { operation: 'draw', component: 'testing' })
}
