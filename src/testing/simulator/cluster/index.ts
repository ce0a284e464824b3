export {
  addClusterRun,
  clusterFailure,
  clusterTable,
  noClusterRuns,
  untriedInClusters,
} from './cluster-report.ts'
export type { ClusterScenario } from './cluster-scenario.ts'
export { type ClusterRun, type ClusterSimulation, simulateCluster } from './simulate-cluster.ts'
