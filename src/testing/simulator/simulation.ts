import { abortSignal } from '../../errors/check.ts'
import type { Application } from './application.ts'
import type { Counts } from './counts.ts'
import { live } from './life.ts'
import type { Plant } from './plant.ts'
import { startReaders } from './readers.ts'
import { checkRestart } from './restart-check.ts'
import type { Scenario } from './scenario.ts'
import { settle } from './settling.ts'
import { Trouble } from './trouble.ts'
import { type Finding, World } from './world.ts'

export interface SimulationOptions<Node = unknown> {
  /** In place of the simulator's own users. */
  readonly application?: Application<Node>
  readonly plant?: Plant
  /** In place of what the seed would draw. */
  readonly scenario?: Partial<Scenario>
  /** Gives up between two steps. */
  readonly signal?: AbortSignal
}

/** One world from its beginning to its end. */
export interface SimulationRun {
  readonly seed: number
  /** All that the seed drew, and what was given in its place. */
  readonly scenario: Scenario
  /** The first invariant that broke; absent from a good run. */
  readonly finding?: Finding
  readonly counts: Readonly<Counts>
  readonly steps: number
  /** Events that had to be everywhere at the end. */
  readonly owed: number
  /** Rounds of syncs that settling took. */
  readonly rounds: number
  /** Virtual milliseconds from the end of all trouble until every link was quiet. */
  readonly healed: number
  readonly trace: readonly string[]
  /** Equal for equal runs. */
  readonly hash: string
}

/**
 * Runs the world of a seed. The same seed, code and options give the same run, step for step. Rejects with
 * `invalid_argument`, or the signal's reason.
 */
export async function simulate<Node = unknown>(
  seed: number,
  options: SimulationOptions<Node> = {},
): Promise<SimulationRun> {
  const { signal, ...given } = options
  abortSignal(signal, { operation: 'simulate', component: 'testing' })
  signal?.throwIfAborted()
  const world = new World(seed, {
    ...given,
    onUp(world, machine, life) {
      world.watchedAt(machine, checkRestart(world, machine, life))
      live(world, machine, life)
    },
    onDiskFailure: (_, machine) => trouble.diskFailed(machine),
  })
  const trouble = new Trouble(world)
  const { scheduler, scenario, trace, counts, ledger } = world
  const { name, nodes } = scenario.topology
  trace.note(`seed ${seed}: ${name} of ${nodes.join(' ')}`)
  scheduler.stopAt(signal)
  trouble.begin()
  for (const machine of world.machines) machine.boot()
  const readers = startReaders(world)
  await scheduler.run({
    until: () => scheduler.now > scenario.troubledTime || world.finding !== undefined,
    beforeStep: () => trouble.beforeStep(),
  })
  const unsettled = { rounds: 0, healed: 0 }
  const { rounds, healed } = world.finding === undefined ? await settle(world, readers) : unsettled
  return {
    seed,
    scenario,
    ...(world.finding && { finding: world.finding }),
    counts,
    steps: scheduler.steps,
    owed: ledger.owed.size,
    rounds,
    healed,
    trace: trace.lines,
    hash: trace.hash,
  }
}
