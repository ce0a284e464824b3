import type { CollectingOptions } from '../../../state/index.ts'
import type { Weather } from '../line.ts'
import type { ClockError } from '../node-clock.ts'
import type { Random } from '../random.ts'

/** Everything a seed decides before its cluster begins. Times are virtual milliseconds, means of random waits. */
export interface ClusterScenario {
  /** Names of the servers; each answers at its name and port 1. The first one leads. */
  readonly servers: readonly string[]
  readonly clocks: ReadonlyMap<string, ClockError>
  readonly weather: Weather
  /** How servers know of each other: they are told, or announce themselves under a key. */
  readonly discovery: 'nodes' | 'nodesKey'
  /** Who leads `settings`, when it is not who leads the rest. */
  readonly settingsLeader: string | undefined
  readonly troubledTime: number
  readonly writeEvery: number
  /** Objects of `users/*` that are written to. */
  readonly users: number
  /** Changes that a server takes or gives at once. */
  readonly batch: number
  readonly crashEvery: number
  readonly downTime: number
  readonly restartEvery: number
  readonly partitionEvery: number
  readonly partitionTime: number
  /** How likely a partition is to cut one direction only. */
  readonly oneWay: number
  /** How likely it is to be about the leader alone. */
  readonly aroundLeader: number
  readonly promoteEvery: number
  readonly clockJumpEvery: number
  /** When everybody is given another leader by configuration. */
  readonly otherLeaderAt: number
  /** As in a cluster; 0: nothing is compared before the end. */
  readonly proofInterval: number
  readonly disasters: readonly ClusterDisaster[]
  /** When tombstones go, as in a state tree; absent: never. */
  readonly collecting?: Required<CollectingOptions>
  /** `users/*` begins anew where the configuration names another leader. */
  readonly forgets: boolean
  /** Who names the cluster: nobody, whoever starts from the middle of the time of trouble on, or all. */
  readonly names: 'none' | 'introduced' | 'all'
  /** There is another cluster, with another name: each knows the addresses of the other. Then all have names. */
  readonly otherCluster: boolean
  /** When a server is moved to that one, where everything of it is forgotten; those it leaves go on looking for it. */
  readonly moveAt: number
}

export interface ClusterDisaster {
  readonly kind: 'wipe' | 'restore'
  readonly at: number
}

export function drawClusterScenario(random: Random): ClusterScenario {
  const servers = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].slice(0, random.int(2, 7))
  const troubledTime = random.int(20_000, 60_000)
  const scenario: ClusterScenario = {
    servers,
    troubledTime,
    clocks: new Map(servers.map((server) => [server, drawClock(random)])),
    weather: {
      delay: random.int(2, 150),
      loss: random.pick([0, 0, 0.02, 0.1, 0.2]),
      duplication: random.pick([0, 0.05, 0.3]),
      lateness: 10_000,
      patience: 5_000,
    },
    discovery: random.pick(['nodes', 'nodes', 'nodesKey'] as const),
    settingsLeader: random.chance(0.3) ? random.pick(servers) : undefined,
    writeEvery: random.int(400, 3_000),
    users: random.int(1, 5),
    batch: random.pick([1, 3, 2_000]),
    crashEvery: random.pick([never, 4_000, 12_000, 30_000]),
    downTime: random.int(500, 12_000),
    restartEvery: random.pick([never, 8_000, 30_000]),
    partitionEvery: random.pick([never, random.int(4_000, 25_000), random.int(4_000, 25_000)]),
    partitionTime: random.int(1_000, 20_000),
    oneWay: random.pick([0, 0.3, 1]),
    aroundLeader: random.pick([0, 0.5, 1]),
    promoteEvery: random.pick([never, random.int(5_000, 40_000), random.int(5_000, 40_000)]),
    clockJumpEvery: random.pick([never, random.int(4_000, 25_000)]),
    otherLeaderAt: random.chance(0.3) ? random.int(4_000, troubledTime - 4_000) : never,
    proofInterval: random.pick([0, 0, 0, 10_000]),
    disasters: drawDisasters(random, troubledTime),
    forgets: false,
    ...noOtherCluster,
  }
  const forgets = scenario.otherLeaderAt < never && random.chance(0.4)
  if (!random.chance(0.4)) return { ...scenario, forgets, ...drawOther(random, scenario) }
  return { ...scenario, ...drawCollecting(random, scenario), forgets }
}

/** So that a world of more clusters is otherwise as it would be without: drawn from a stream of its own. */
function drawOther(outer: Random, { troubledTime }: ClusterScenario): Partial<ClusterScenario> {
  const random = outer.fork('other cluster')
  if (!random.chance(0.3)) return { names: random.pick(['none', 'introduced', 'all'] as const) }
  const moveAt = random.chance(0.7) ? random.int(4_000, troubledTime - 4_000) : never
  return { names: 'all', otherCluster: true, moveAt }
}

/**
 * A day is some seconds here. By less than the age at which a tombstone may go clocks differ, and messages come late:
 * that is what it is there for.
 */
function drawCollecting(
  random: Random,
  { servers, weather }: ClusterScenario,
): Partial<ClusterScenario> {
  return {
    weather: { ...weather, lateness: 1_000 },
    collecting: {
      every: random.int(300, 2_000),
      minimumAge: random.int(3_000, 8_000),
      horizon: random.pick([30 * 86_400_000, 30 * 86_400_000, random.int(9_000, 30_000)]),
    },
    clocks: new Map(servers.map((server) => [server, drawClock(random, 500)])),
    clockJumpEvery: Number.POSITIVE_INFINITY,
  }
}

const never = Number.POSITIVE_INFINITY

const noOtherCluster = { names: 'none', otherCluster: false, moveAt: never } as const

/** Two may differ by less than a day: from there on a server refuses what the other one sends. */
function drawClock(random: Random, given?: number): ClockError {
  const most = given ?? random.pick([500, 500, 90_000, 8 * 3_600_000])
  return { skew: random.int(-most, most), rate: 1 + (random.next() - 0.5) / 500 }
}

function drawDisasters(random: Random, within: number): readonly ClusterDisaster[] {
  const count = random.pick([0, 0, 1, 1, 2])
  return Array.from({ length: count }, () => ({
    kind: random.pick(['wipe', 'restore', 'restore'] as const),
    at: random.int(4_000, within),
  }))
}
