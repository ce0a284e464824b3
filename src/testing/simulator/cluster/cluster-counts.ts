import { type Counts, noCounts } from '../counts.ts'

/** What happens to a cluster, beside what happens to its network and disks. */
export const clusterFaults = [
  'restarts',
  'promotes',
  'promotesAtOnce',
  'otherLeaders',
  'clocksBeyondBound',
  'wipedLeaders',
  'movedServers',
] as const

/** What becomes of tombstones, where they are collected, and of keys that are forgotten. */
export const clusterEnds = [
  'collected',
  'collectedWhileAway',
  'collectedByHorizon',
  'snapshotsBelowHorizon',
  'lateWrites',
  'drained',
  'forgottenKeys',
  'forgottenUnsent',
] as const

/** Where there is another cluster: peers that were found to be of it, and calls of such that were refused. */
export const clusterRefusals = ['foreignPeers', 'refusedCalls'] as const

/** What users do, and how hard that is. */
export const clusterWrites = [
  'sets',
  'patches',
  'pushes',
  'deletes',
  'globDeletes',
  'confirmedByLeader',
  'notConfirmed',
  'concurrentWrites',
  'deletesAgainstWrites',
  'writesWithoutLeader',
  'memberExchanges',
] as const

type ClusterCount =
  | (typeof clusterFaults)[number]
  | (typeof clusterEnds)[number]
  | (typeof clusterRefusals)[number]
  | (typeof clusterWrites)[number]

/** Of the simulator's own faults, those that a cluster meets. */
export const usedFaults = [
  'crashes',
  'lostSuffixes',
  'tornWrites',
  'skewedClocks',
  'driftingClocks',
  'clockJumps',
  'partitions',
  'oneWayCuts',
  'lostRequests',
  'lostAnswers',
  'duplicates',
  'reorders',
  'brokenStreams',
  'livePages',
  'wipes',
  'restores',
] as const satisfies readonly (keyof Counts)[]

export const allClusterCounts = [
  ...usedFaults,
  ...clusterFaults,
  ...clusterEnds,
  ...clusterRefusals,
  ...clusterWrites,
] as const

export type ClusterCounts = Counts & Record<ClusterCount, number>

export function noClusterCounts(): ClusterCounts {
  const all = [...clusterFaults, ...clusterEnds, ...clusterRefusals, ...clusterWrites]
  const own = all.map((what) => [what, 0])
  return { ...noCounts(), ...Object.fromEntries(own) } as ClusterCounts
}
