import { defineRules, lastWriteWins } from '../../../src/conflict/index.ts'
import { projection } from '../../../src/projection/index.ts'
import { SyncNode } from '../../../src/sync/index.ts'
import type {
  Application,
  FilterPlan,
  Scenario,
  SimulationOptions,
} from '../../../src/testing/index.ts'
import type {
  ClusterScenario,
  ClusterSimulation,
} from '../../../src/testing/simulator/cluster/index.ts'
import { awayOnce, compactingHub } from './compacting-hub.ts'

/** So that an event that is lost is not brought along as the parent of the next one. */
const aggregates = Array.from({ length: 20 }, (_, at) => `room ${at}`)

/** Whoever calls wants a part at first, and all in the end. */
const narrowThenAll: FilterPlan = new Map(
  ['a', 'b', 'c', 'd', 'e'].map((node) => [
    node,
    [
      { at: 0, filter: { types: ['set'] } },
      { at: 4_000, filter: { aggregates: ['cart'] } },
      { at: 9_000 },
    ],
  ]),
)

const leaves = Array.from({ length: 40 }, (_, at) => `leaf${at}`)

/** A hub that is away for a while, and so many who want to come back to it that single calls’ own jitter is not enough. */
const hubIsAway: Partial<Scenario> = {
  topology: { name: 'star', nodes: ['hub', ...leaves], links: leaves.map((leaf) => [leaf, 'hub']) },
  links: 'live',
  fidgetEvery: Infinity,
  clockJumpEvery: Infinity,
  outages: [{ node: 'hub', at: 5_000, time: 50_000 }],
  troubledTime: 60_000,
  weather: { delay: 2, loss: 0, duplication: 0, lateness: 0, patience: 5_000 },
  clocks: new Map(),
  appendEvery: 20_000,
  crashEvery: Infinity,
  partitionEvery: Infinity,
  diskTroubleEvery: Infinity,
  disasters: [],
  readers: 0,
}

/** People who rename the same few things, and what they are called in the end. */
const renaming: Application<SyncNode> = {
  start: ({ store, runtime }) =>
    new SyncNode({ store, runtime, rules: defineRules({ fallback: lastWriteWins() }) }),
  act: (node, { random, number }) =>
    node.append([{ type: 'Named', aggregateId: random.pick(['door', 'lamp']), data: number }]),
  async view(node) {
    const histories = [await node.history('door'), await node.history('lamp')]
    return histories.map((events) => events.map(({ data }) => data))
  },
}

/** A read model that counts events, and is brought up to date after each. */
const counting: Application<SyncNode<Ringing>> = {
  start: ({ store, runtime }) => new SyncNode<Ringing>({ store, runtime }),
  async act(node, { random }) {
    await node.append([{ type: 'Rung', aggregateId: random.pick(['door', 'lamp']), data: null }])
    await bells(node)
  },
  view: bells,
}

const rung = projection<Ringing, number>({
  name: 'bells',
  initial: 0,
  on: { Rung: (count) => count + 1 },
})

type Ringing = { Rung: null }

async function bells(node: SyncNode<Ringing>): Promise<unknown> {
  await node.project(rung).run()
  return (await node.project(rung).list()).results
}

/** Worlds in which certain bugs have something to break. */
export const worlds = {
  usual: {},
  rooms: { scenario: { aggregates } },
  lossy: {
    scenario: {
      links: 'rounds',
      aggregates,
      weather: { delay: 50, loss: 0.25, duplication: 0, lateness: 0, patience: 5_000 },
    },
  },
  copies: {
    scenario: {
      disasters: [
        { kind: 'copy', at: 3_000 },
        { kind: 'restore', at: 6_000 },
      ],
    },
  },
  readers: { scenario: { readers: 4 } },
  'hub is away': { scenario: hubIsAway },
  'failing disks': { scenario: { diskTroubleEvery: 3_000, diskTroubleTime: 2_000 } },
  filters: { scenario: { filters: narrowThenAll } },
  erasing: { scenario: { eraseEvery: 2_000 } },
  renaming: { application: renaming },
  counting: { application: counting },
  compacting: { scenario: awayOnce, application: compactingHub() },
} satisfies Readonly<Record<string, SimulationOptions>>

export type LogWorldName = keyof typeof worlds

/** A leader that all follow, always, whose tombstones go as soon as everybody has passed them. */
const collecting: Partial<ClusterScenario> = {
  collecting: { every: 500, minimumAge: 3_000, horizon: 30 * 86_400_000 },
  promoteEvery: Infinity,
  otherLeaderAt: Infinity,
  settingsLeader: undefined,
  clockJumpEvery: Infinity,
  clocks: new Map(),
  disasters: [],
  forgets: false,
  names: 'none',
  otherCluster: false,
}

/** Many a first answer does not come. */
const collectingInBadWeather: Partial<ClusterScenario> = {
  ...collecting,
  weather: { delay: 50, loss: 0.35, duplication: 0, lateness: 1_000, patience: 5_000 },
  users: 2,
  writeEvery: 300,
}

/** Tombstones go before links look beside their streams, who has them or not. */
const nearHorizon: Partial<ClusterScenario> = {
  collecting: { every: 500, minimumAge: 3_000, horizon: 9_000 },
  clockJumpEvery: Infinity,
  clocks: new Map(),
  disasters: [],
}

/** Servers are moved from one leader to another, and crash meanwhile: `users/*` begins anew. */
const forgetting: Partial<ClusterScenario> = {
  forgets: true,
  otherLeaderAt: 12_000,
  crashEvery: 4_000,
  troubledTime: 40_000,
}

/** One leads a part for ever, the rest is led by another one from some time on; tombstones go meanwhile, as all have read. */
const twoLeaders: Partial<ClusterScenario> = {
  ...collecting,
  collecting: { every: 300, minimumAge: 3_000, horizon: 30 * 86_400_000 },
  servers: ['a', 'b', 'c'],
  settingsLeader: 'a',
  otherLeaderAt: 9_000,
  troubledTime: 22_000,
  writeEvery: 300,
  users: 4,
  partitionEvery: 3_000,
  partitionTime: 6_000,
  oneWay: 0,
  aroundLeader: 1,
  restartEvery: Infinity,
  crashEvery: Infinity,
}

/** Few things that many write, most of all while their leader is cut off: much is written over before it went. */
const writingOver: Partial<ClusterScenario> = {
  users: 3,
  writeEvery: 250,
  partitionEvery: 3_000,
  partitionTime: 2_000,
  aroundLeader: 1,
}

/** Another cluster stands beside it, and gets one of its servers. */
const besideAnother: Partial<ClusterScenario> = {
  servers: ['a', 'b', 'c', 'd'],
  settingsLeader: undefined,
  names: 'all',
  otherCluster: true,
  moveAt: 10_000,
  troubledTime: 25_000,
}

/** The same, while tombstones go in both. */
const collectingBesideAnother: Partial<ClusterScenario> = {
  ...collecting,
  ...besideAnother,
  otherLeaderAt: Infinity,
}

/** Clusters of state servers: as a seed draws them, or with a part of that given. */
export const clusterWorlds = {
  cluster: {},
  'collecting cluster': { scenario: collecting },
  'collecting cluster that loses much': { scenario: collectingInBadWeather },
  'cluster that writes over': { scenario: writingOver },
  'cluster with a near horizon': { scenario: nearHorizon },
  'cluster of two leaders': { scenario: twoLeaders },
  'forgetting cluster': { scenario: forgetting },
  'clusters side by side': { scenario: besideAnother },
  'collecting clusters side by side': { scenario: collectingBesideAnother },
} satisfies Readonly<Record<string, ClusterSimulation>>

export type ClusterWorldName = keyof typeof clusterWorlds

export type WorldName = LogWorldName | ClusterWorldName
