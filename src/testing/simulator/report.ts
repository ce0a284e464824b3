import {
  addCounts,
  type Counts,
  erasings,
  faults,
  filterings,
  followings,
  noCounts,
  rescues,
} from './counts.ts'
import type { SimulationRun } from './simulation.ts'

/** What many runs came to. */
export interface Summary {
  readonly runs: number
  readonly steps: number
  readonly owed: number
  /** The most rounds of syncs that any run needed to come to rest. */
  readonly rounds: number
  /** The longest that any run took for that, in virtual milliseconds. */
  readonly healed: number
  readonly counts: Readonly<Counts>
  /** The first failing runs, in the order of their seeds. */
  readonly failures: readonly SimulationRun[]
  readonly failed: number
}

export const noRuns: Summary = {
  runs: 0,
  steps: 0,
  owed: 0,
  rounds: 0,
  healed: 0,
  counts: noCounts(),
  failures: [],
  failed: 0,
}

export function addRun(summary: Summary, run: SimulationRun): Summary {
  const { failures, failed } = summary
  const isFailure = run.finding !== undefined
  return {
    runs: summary.runs + 1,
    steps: summary.steps + run.steps,
    owed: summary.owed + run.owed,
    rounds: Math.max(summary.rounds, run.rounds),
    healed: Math.max(summary.healed, run.healed),
    counts: addCounts(summary.counts, run.counts),
    // A trace is large; the first few say what is wrong.
    failures: isFailure && failures.length < 10 ? [...failures, run] : failures,
    failed: failed + (isFailure ? 1 : 0),
  }
}

/** The faults, or whatever is asked for, that never happened: what was not tried was not tested. */
export function untried(
  summary: Summary,
  which: readonly (keyof Counts)[] = faults,
): readonly (keyof Counts)[] {
  return which.filter((one) => summary.counts[one] === 0)
}

/** One line for each fault, and one for the whole. */
export function countsTable(summary: Summary): string {
  const { runs, steps, owed, rounds, healed, counts } = summary
  const others = [...filterings, ...erasings, ...followings, ...rescues].filter(
    (one) => counts[one] > 0,
  )
  const counted = [...faults, ...others]
  const width = Math.max(...counted.map((fault) => fault.length))
  const lines = counted.map((fault) => {
    const perRun = (counts[fault] / Math.max(runs, 1)).toFixed(1)
    return `  ${fault.padEnd(width)} ${String(counts[fault]).padStart(9)} ${perRun.padStart(8)} a run`
  })
  const whole = `${runs} runs, ${steps} steps, ${owed} events owed, at most ${rounds} rounds and ${(healed / 1_000).toFixed(1)} s to rest`
  return [whole, ...lines].join('\n')
}

/** All that is needed to understand a failing run, or to run it again. */
export function failureText(run: SimulationRun): string {
  const { seed, finding, hash } = run
  if (finding === undefined) return `seed ${seed} holds`
  return [
    whatBroke(run),
    `trace ${hash}; to replay: REJOIN_SEED=${seed} npx vitest run test/simulation`,
    `or, with the whole trace: npm run simulate -- --seed ${seed} --trace`,
  ].join('\n')
}

/** What broke in which world, and what happened last. */
export function whatBroke({ seed, finding, trace }: SimulationRun): string {
  return [
    `${finding?.invariant} does not hold in the world of seed ${seed}: ${finding?.message}`,
    ...trace.slice(-tailLength).map((line) => `  ${line}`),
  ].join('\n')
}

const tailLength = 60
