// One server of a cluster, over one file, for as long as it lives:
//
//     listening URL
//     warned MESSAGE FIELDS      what it logs as a warning or an error
//     "prove"  -> proved KEYS    it has compared each key with its leader: [{"path","role","proof"}]
import {
  clusterServer,
  httpPeerNetwork,
  openCluster,
  servedCluster,
} from '../../../src/cluster/index.ts'
import { silentLogger } from '../../../src/ports/index.ts'
import { serve } from '../../../src/server/index.ts'
import { openState, stateServer } from '../../../src/state/index.ts'
import { SqliteStateStorage } from '../../../src/store/sqlite/index.ts'
import { given, heard, say } from './talk.ts'

export interface ClusterServerSetup {
  readonly path: string
  readonly durability: 'full' | 'normal'
  /** What it listens on. */
  readonly host: string
  /** Where others reach it; it listens on that port. */
  readonly address: string
  /** As configured. */
  readonly leader: string
  readonly keys: readonly string[]
  readonly nodesKey: string
  readonly token: string
}

const { path, durability, host, address, leader, keys, nodesKey, token } =
  given<ClusterServerSetup>()
const warned = (message: string, fields: object = {}) =>
  say('warned', message, JSON.stringify(fields, withErrors))
const logger = { ...silentLogger, warn: warned, error: warned }
const storage = await SqliteStateStorage.open({ path, durability })
const state = await openState({ storage, logger })
const cluster = await openCluster({
  ...{ state, leader, nodesKey, address, logger },
  keys: keys.map((key) => ({ path: key })),
  network: httpPeerNetwork({ token, address, logger }),
  advertise: true,
  probeInterval: 1_000,
  // What links lose is not to be repaired before somebody looks.
  proofInterval: 0,
})
const { url } = await serve({
  mounts: {},
  state: stateServer(state, { cluster: servedCluster(cluster), logger }),
  cluster: clusterServer(cluster, { logger }),
  host,
  port: Number(address.split(':')[1]),
  tokens: [token],
  logger,
})
say('listening', url)

for await (const line of heard()) {
  if (line !== 'prove') continue
  await cluster.prove()
  const { keys } = await cluster.status()
  say('proved', JSON.stringify(keys.map(({ path, role, proof }) => ({ path, role, proof }))))
}
// With its parent.
process.exit()

function withErrors(_name: string, value: unknown): unknown {
  if (value instanceof Error) return `${value}`
  return typeof value === 'bigint' ? String(value) : value
}
