import type { Scenario } from './scenario.ts'
import type { SimulationOptions, SimulationRun } from './simulation.ts'
import { smaller } from './smaller.ts'

export interface ShrinkOptions extends SimulationOptions {
  /** Worlds to try at most. Default 250. */
  readonly most?: number
  /** Seeds to try of each smaller world, beginning with the one that failed. Default 5. */
  readonly seeds?: number
}

/** The smallest world found that fails in the same way. */
export interface Shrunk {
  readonly run: SimulationRun
  /** How many worlds were tried. */
  readonly tried: number
  /** How many of them failed as well, each smaller than the one before. */
  readonly steps: number
}

/**
 * Looks for a smaller world in which the same invariant breaks: fewer nodes, faults and events, a shorter
 * time. Takes the first smaller one that fails and goes on from there until none does. Deterministic: the
 * same run, code and options give the same answer. `simulate` is given, so that a world with a user's own
 * application shrinks as well.
 */
export async function shrink(
  failing: SimulationRun,
  simulate: (seed: number, options: SimulationOptions) => Promise<SimulationRun>,
  options: ShrinkOptions = {},
): Promise<Shrunk> {
  const { most = 250, seeds = 5, ...rest } = options
  let run = failing
  let [tried, steps, at] = [0, 0, 0]
  for (let next: SimulationRun | undefined = failing; next !== undefined; ) {
    run = next
    next = await firstFailing(run)
    if (next !== undefined) steps++
  }
  return { run, tried, steps }

  async function firstFailing(current: SimulationRun): Promise<SimulationRun | undefined> {
    const candidates = [...smaller(current.scenario)]
    // What helped may help again, and what did not is not tried again at once.
    for (const turn of candidates.keys()) {
      const place = (at + turn) % candidates.length
      const found = await failsWith(candidates[place] as Scenario, current)
      if (found === undefined) continue
      at = place
      return found
    }
    return undefined
  }

  async function failsWith(
    scenario: Scenario,
    { seed, finding }: SimulationRun,
  ): Promise<SimulationRun | undefined> {
    for (let next = seed; next < seed + seeds && tried < most; next++) {
      tried++
      const found = await simulate(next, { ...rest, scenario })
      if (found.finding?.invariant === finding?.invariant) return found
    }
    return undefined
  }
}
