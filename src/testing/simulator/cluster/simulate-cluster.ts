import { abortSignal } from '../../../errors/check.ts'
import type { Finding } from '../world.ts'
import type { ClusterCounts } from './cluster-counts.ts'
import type { ClusterScenario } from './cluster-scenario.ts'
import { settleCluster } from './cluster-settling.ts'
import { ClusterTrouble } from './cluster-trouble.ts'
import { ClusterWorld } from './cluster-world.ts'
import { writing } from './writing.ts'

export interface ClusterSimulation {
  /** In place of what the seed would draw. */
  readonly scenario?: Partial<ClusterScenario>
  /** Gives up between two steps. */
  readonly signal?: AbortSignal
}

/** One cluster from its beginning to its end. */
export interface ClusterRun {
  readonly seed: number
  readonly scenario: ClusterScenario
  /** The first invariant that broke; absent from a good run. */
  readonly finding?: Finding
  readonly counts: Readonly<ClusterCounts>
  readonly steps: number
  /** Writes that were acknowledged. */
  readonly promised: number
  /** Virtual milliseconds from the end of all trouble until every server was level. */
  readonly healed: number
  readonly trace: readonly string[]
  /** Equal for equal runs. */
  readonly hash: string
}

/**
 * Runs the cluster of a seed. The same seed, code and scenario give the same run, step for step. Rejects with
 * `invalid_argument`, or the signal's reason.
 */
export async function simulateCluster(
  seed: number,
  { scenario: given = {}, signal }: ClusterSimulation = {},
): Promise<ClusterRun> {
  abortSignal(signal, { operation: 'simulateCluster', component: 'testing' })
  signal?.throwIfAborted()
  const world = new ClusterWorld(seed, given, (up, server, life) => {
    up.watched(writing(up, server, life))
    if (up.other?.leader === server.name) up.watched(up.other.lead(life))
  })
  const trouble = new ClusterTrouble(world)
  const { scheduler, scenario, trace, counts, ledger } = world
  trace.note(`seed ${seed}: a cluster of ${scenario.servers.join(' ')}`)
  scheduler.stopAt(signal)
  trouble.begin()
  for (const server of world.all) server.boot()
  await scheduler.run({
    until: () => scheduler.now > scenario.troubledTime || world.finding !== undefined,
    beforeStep: () => trouble.beforeStep(),
  })
  world.calm()
  const tend = () => trouble.tend()
  const { healed } = world.finding === undefined ? await settleCluster(world, tend) : { healed: 0 }
  return {
    seed,
    scenario,
    ...(world.finding && { finding: world.finding }),
    counts,
    steps: scheduler.steps,
    promised: ledger.promised,
    healed,
    trace: trace.lines,
    hash: trace.hash,
  }
}
