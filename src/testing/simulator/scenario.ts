import { usualGuard } from '../../link/index.ts'
import type { FilterPlan } from './filters.ts'
import type { Weather } from './line.ts'
import type { ClockError } from './node-clock.ts'
import type { Random } from './random.ts'
import { drawTopology, type Topology } from './topology.ts'

/** Everything a seed decides before its world begins. Times are virtual milliseconds, means of random waits. */
export interface Scenario {
  readonly topology: Topology
  readonly clocks: ReadonlyMap<string, ClockError>
  readonly weather: Weather
  /** How long things go wrong. */
  readonly troubledTime: number
  readonly appendEvery: number
  /** Nobody appends once there are so many; `Infinity` unless asked for. */
  readonly mostEvents: number
  /** For live links: how often a remote without a stream is asked. */
  readonly syncEvery: number
  /** Whether nodes sync now and then, or hold live links. Where filters change, they sync now and then. */
  readonly links: 'rounds' | 'live'
  /** How often a live link looks whether its stream has kept its word; the default of links unless asked for. */
  readonly guard: number
  /** How often a live link is paused, stopped or told that the network may be back. */
  readonly fidgetEvery: number
  /** How often each node's user erases something; `Infinity` unless asked for. */
  readonly eraseEvery: number
  /** Changes a page or a push carries at most. */
  readonly batch: number
  readonly aggregates: readonly string[]
  /** In steps of the scheduler, so that crashes fall between any two operations. */
  readonly crashEvery: number
  readonly downTime: number
  readonly partitionEvery: number
  readonly partitionTime: number
  /** How likely a partition is to cut one direction only. */
  readonly oneWay: number
  /** How often some disk stops working or is full, and for how long. */
  readonly diskTroubleEvery: number
  readonly diskTroubleTime: number
  /** How often somebody sets the clock of some node, forwards or back. */
  readonly clockJumpEvery: number
  /** How many follow the logs of nodes live, from outside. */
  readonly readers: number
  readonly disasters: readonly Disaster[]
  /** Power cuts that are planned, beside those that come by chance; none unless asked for. */
  readonly outages: readonly Outage[]
  /** What nodes sync of each other; none unless asked for. */
  readonly filters: FilterPlan
}

/** One node without power for so long: from a time on, or from before a step of the world (`run.steps` counts them). */
export type Outage = { readonly node: string; readonly time: number } & (
  | { readonly at: number; readonly step?: never }
  | { readonly step: number; readonly at?: never }
)

export interface Disaster {
  readonly kind: 'wipe' | 'copy' | 'restore'
  readonly at: number
}

export function drawScenario(random: Random): Scenario {
  const topology = drawTopology(random.fork('topology'))
  const troubledTime = random.int(10_000, 30_000)
  return {
    topology,
    troubledTime,
    clocks: new Map(topology.nodes.map((node) => [node, drawClock(random)])),
    weather: {
      delay: random.int(2, 200),
      loss: random.pick([0, 0.02, 0.1, 0.25]),
      duplication: random.pick([0, 0.05, 0.3]),
      lateness: 10_000,
      patience: 5_000,
    },
    appendEvery: random.int(600, 3_000),
    syncEvery: random.int(300, 4_000),
    mostEvents: Number.POSITIVE_INFINITY,
    eraseEvery: Number.POSITIVE_INFINITY,
    batch: random.pick([1, 2, 5, 1_000]),
    aggregates: ['cart', 'door', 'lamp'].slice(0, random.int(1, 3)),
    crashEvery: random.pick([60, 200, 800]),
    downTime: random.int(100, 5_000),
    partitionEvery: random.int(3_000, 15_000),
    partitionTime: random.int(500, 8_000),
    ...drawHardware(random.fork('hardware')),
    links: random.fork('links').pick(['rounds', 'rounds', 'live']),
    guard: usualGuard,
    fidgetEvery: random.fork('fidgeting').pick([Number.POSITIVE_INFINITY, 3_000, 10_000]),
    readers: random.fork('readers').pick([0, 0, 1, 2]),
    disasters: drawDisasters(random.fork('disasters'), troubledTime),
    outages: [],
    filters: new Map(),
  }
}

function drawHardware(random: Random) {
  return {
    oneWay: random.pick([0, 0.3, 1]),
    diskTroubleEvery: random.pick([Number.POSITIVE_INFINITY, random.int(4_000, 20_000)]),
    diskTroubleTime: random.int(200, 6_000),
    clockJumpEvery: random.pick([Number.POSITIVE_INFINITY, random.int(2_000, 15_000)]),
  }
}

function drawClock(random: Random): ClockError {
  const skew = random.chance(0.3) ? random.int(-90_000, 90_000) : random.int(-500, 500)
  return { skew, rate: 1 + (random.next() - 0.5) / 500 }
}

// Most worlds see one or two of them: a world that is always burning proves little.
function drawDisasters(random: Random, within: number): readonly Disaster[] {
  const count = random.pick([0, 1, 1, 2, 3])
  return Array.from({ length: count }, () => ({
    kind: random.pick(['wipe', 'copy', 'restore'] as const),
    at: random.int(2_000, within),
  }))
}
