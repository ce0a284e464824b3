import { describe, expect, it } from 'vitest'
import {
  addClusterRun,
  type ClusterRun,
  clusterFailure,
  clusterTable,
  noClusterRuns,
  simulateCluster,
  untriedInClusters,
} from '../../src/testing/simulator/cluster/index.ts'
import { clusterWorlds } from './patches/worlds.ts'

const isFull = process.env.REJOIN_TORTURE === 'full'
const seeds = isFull ? 150 : 16

async function holds(seed: number): Promise<ClusterRun> {
  const run = await simulateCluster(seed)
  if (run.finding !== undefined) throw new Error(clusterFailure(run))
  return run
}

describe('simulated clusters of 2 to 7 servers', () => {
  let summary = noClusterRuns

  it(`K1 T1 T2: agree in bounded time and keep what they acknowledged, seeds 1 to ${seeds}`, async () => {
    for (let seed = 1; seed <= seeds; seed++) summary = addClusterRun(summary, await holds(seed))
  }, 300_000)

  it('have seen every hard case', () => {
    console.log(clusterTable(summary))
    // A few clusters may do without these.
    const rare: readonly string[] = [
      ...['wipedLeaders', 'lateWrites', 'drained'],
      ...['forgottenKeys', 'forgottenUnsent'],
    ]
    const missing = untriedInClusters(summary).filter((one) => isFull || !rare.includes(one))
    expect(missing).toEqual([])
    expect(summary.promised).toBeGreaterThan(20 * seeds)
  })

  it('are the same, step for step, for the same seed', async () => {
    const run = await simulateCluster(19)
    expect(await simulateCluster(19)).toEqual(run)
    expect((await simulateCluster(23)).hash).not.toBe(run.hash)
  })

  it('K1: a leader has what it confirms, also when it was written over before it was sent: 41, 53', async () => {
    for (const seed of [41, 53]) await holds(seed)
  }, 60_000)

  it('K1 T2: what is forgotten once all had passed it keeps nothing out that they wrote: 4, 8', async () => {
    for (const seed of [4, 8]) {
      const run = await simulateCluster(seed, clusterWorlds['collecting cluster'])
      if (run.finding !== undefined) throw new Error(clusterFailure(run))
      expect(run.counts.drained).toBe(1)
    }
  }, 60_000)

  it('S4: a key that is forgotten begins anew, also in a crash: 1 to 4', async () => {
    let forgotten = noClusterRuns
    for (const seed of [1, 2, 3, 4]) {
      const run = await simulateCluster(seed, clusterWorlds['forgetting cluster'])
      if (run.finding !== undefined) throw new Error(clusterFailure(run))
      forgotten = addClusterRun(forgotten, run)
    }
    expect(forgotten.counts.forgottenKeys).toBeGreaterThan(4)
    expect(forgotten.counts.forgottenUnsent).toBeGreaterThan(0)
  }, 60_000)

  it('K1: a tombstone waits for a member that follows another leader for that part: 3,873, 4,858', async () => {
    for (const seed of [3_873, 4_858]) await holds(seed)
  }, 60_000)

  it('K1: who has read from others forgets no delete early, also when that link starts over: 6', async () => {
    const world = clusterWorlds['cluster of two leaders']
    const run = await simulateCluster(6, {
      ...world,
      scenario: { ...world.scenario, restartEvery: 5_000 },
    })
    if (run.finding !== undefined) throw new Error(clusterFailure(run))
    expect(run.counts.collected).toBeGreaterThan(0)
  }, 60_000)

  it('K1: what was forgotten right before a crash, when nobody had heard of that, is owed by nobody: 3,260', async () => {
    await holds(3_260)
  }, 60_000)

  it('K1 T1: another cluster beside it, with another name, gets a server of it and nothing else: 1 to 4', async () => {
    let beside = noClusterRuns
    for (const seed of [1, 2, 3, 4]) {
      const run = await simulateCluster(seed, clusterWorlds['clusters side by side'])
      if (run.finding !== undefined) throw new Error(clusterFailure(run))
      beside = addClusterRun(beside, run)
    }
    // Each of them moves one; callers find out who is of the other, and those who do not are refused.
    expect(beside.counts.movedServers).toBe(4)
    expect(beside.counts.foreignPeers).toBeGreaterThan(20)
    expect(beside.counts.refusedCalls).toBeGreaterThan(20)
  }, 60_000)

  it('T1 T2: tombstones go in both of two clusters, and from neither to the other: 1 to 3', async () => {
    let beside = noClusterRuns
    for (const seed of [1, 2, 3]) {
      const run = await simulateCluster(seed, clusterWorlds['collecting clusters side by side'])
      if (run.finding !== undefined) throw new Error(clusterFailure(run))
      beside = addClusterRun(beside, run)
    }
    expect(beside.counts.movedServers).toBe(3)
    expect(beside.counts.collected).toBeGreaterThan(0)
    expect(beside.counts.refusedCalls).toBeGreaterThan(10)
  }, 60_000)

  it('a promoted leader is proven equal over the link that told of it: 25, 40', async () => {
    for (const seed of [25, 40]) await holds(seed)
  }, 60_000)

  it('K3: what came from a leader, and went at a horizon, is not looked for again: 686', async () => {
    await holds(686)
  }, 60_000)

  it('K1: what was deleted here before it went is not owed by those who have forgotten that time: 262, 482', async () => {
    for (const seed of [262, 482]) await holds(seed)
  }, 60_000)

  it('T2: a delete that is forgotten while two are apart holds for both: 646', async () => {
    await holds(646)
  }, 60_000)
})
