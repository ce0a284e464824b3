export {
  addClusterRun,
  clusterFailure,
  clusterTable,
  noClusterRuns,
  untriedInClusters,
} from './cluster-report.ts'
export { type ClusterRun, simulateCluster } from './simulate-cluster.ts'
