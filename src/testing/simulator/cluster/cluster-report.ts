import { allClusterCounts, type ClusterCounts, noClusterCounts } from './cluster-counts.ts'
import type { ClusterRun } from './simulate-cluster.ts'

/** What many clusters came to. */
export interface ClusterSummary {
  readonly runs: number
  readonly failed: number
  readonly steps: number
  readonly promised: number
  /** The longest that any of them took to be level again, in virtual milliseconds. */
  readonly healed: number
  readonly counts: Readonly<ClusterCounts>
}

export const noClusterRuns: ClusterSummary = {
  runs: 0,
  failed: 0,
  steps: 0,
  promised: 0,
  healed: 0,
  counts: noClusterCounts(),
}

export function addClusterRun(summary: ClusterSummary, run: ClusterRun): ClusterSummary {
  const counts = Object.fromEntries(
    allClusterCounts.map((what) => [what, summary.counts[what] + run.counts[what]]),
  )
  return {
    runs: summary.runs + 1,
    failed: summary.failed + (run.finding === undefined ? 0 : 1),
    steps: summary.steps + run.steps,
    promised: summary.promised + run.promised,
    healed: Math.max(summary.healed, run.healed),
    counts: { ...summary.counts, ...counts },
  }
}

/** What never happened: what was not tried was not tested. */
export function untriedInClusters({ counts }: ClusterSummary): readonly string[] {
  return allClusterCounts.filter((what) => counts[what] === 0)
}

/** One line for each hard case, and one for the whole. */
export function clusterTable({ runs, steps, promised, healed, counts }: ClusterSummary): string {
  const width = Math.max(...allClusterCounts.map((what) => what.length))
  const lines = allClusterCounts.map(
    (what) => `  ${what.padEnd(width)} ${String(counts[what]).padStart(9)}`,
  )
  const seconds = (healed / 1_000).toFixed(1)
  const whole = `${runs} clusters, ${steps} steps, ${promised} writes acknowledged, at most ${seconds} s to agree`
  return [whole, ...lines].join('\n')
}

/** What broke in which cluster, what happened last, and how to see all of it. */
export function clusterFailure({ seed, finding, trace, hash }: ClusterRun): string {
  if (finding === undefined) return `seed ${seed} holds`
  return [
    `${finding.invariant} does not hold in the cluster of seed ${seed}: ${finding.message}`,
    ...trace.slice(-tailLength).map((line) => `  ${line}`),
    `trace ${hash}; to replay, with all of it: npm run simulate -- --cluster --seed ${seed} --trace`,
  ].join('\n')
}

const tailLength = 80
