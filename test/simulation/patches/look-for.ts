// node look-for.ts world first last: the first finding of these worlds, as JSON; null for none. Runs in a copy of the
// source, in its own process.
import { type SimulationOptions, simulate } from '../../../src/testing/index.ts'
import {
  type ClusterSimulation,
  simulateCluster,
} from '../../../src/testing/simulator/cluster/index.ts'
import { type ClusterWorldName, clusterWorlds, type LogWorldName, worlds } from './worlds.ts'

const [world, first, last] = process.argv.slice(2)
const options: SimulationOptions = worlds[world as LogWorldName]
const cluster: ClusterSimulation | undefined = clusterWorlds[world as ClusterWorldName]
const run = (seed: number) =>
  cluster === undefined ? simulate(seed, options) : simulateCluster(seed, cluster)
let found: object | null = null
for (let seed = Number(first); found === null && seed <= Number(last); seed++) {
  const { finding } = await run(seed)
  if (finding !== undefined) found = { seed, ...finding }
}
console.log(JSON.stringify(found))
