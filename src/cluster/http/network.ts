import {
  fields,
  type Known,
  optionalFunction,
  optionalLogger,
  optionalRuntime,
  text,
  timerTime,
  unwanted,
} from '../../errors/check.ts'
import { type Logger, silentLogger } from '../../ports/index.ts'
import { type Runtime, systemRuntime } from '../../runtime/index.ts'
import { type StateLinkTransportOptions, stateLinkTransport } from '../../state/index.ts'
import { clusterHeader } from '../../transport/remote/cluster-header.ts'
import { carriedBodies, carriedChanges } from '../configuration/carried.ts'
import { checkAddress } from '../configuration/check-options.ts'
import type { PeerNetwork } from '../peer-network.ts'
import { PivotCalls } from '../pivot/calls.ts'
import { readPeerList } from '../pivot/peer-list.ts'
import { pivotTransport } from '../pivot/pivot-transport.ts'
import { aboutFrom } from './about-wire.ts'
import { askComparison } from './comparing.ts'

/** How other servers are called. Times are milliseconds. */
export interface HttpNetworkOptions {
  /** Shown to every other server, as a bearer token. */
  readonly token?: string
  /** This server's own address, `host:port`: servers of the original don't call it back for what it sends. */
  readonly address?: string
  /** How our own kind tells of commits; see `stateLinkTransport`. Default `auto`: the best that is there. */
  readonly live?: StateLinkTransportOptions['live']
  /** For one call. Default 30,000. */
  readonly timeout?: number
  /** Until an answer begins, of servers of the original. Default 10,000. */
  readonly headersTimeout?: number
  /**
   * Instead of the HTTP clients that are built in; those wait 500 milliseconds for a connection to a server of the
   * original.
   */
  readonly fetch?: typeof fetch
  readonly logger?: Logger
  readonly runtime?: Runtime
}

/** Reaches the servers of a cluster over HTTP and WebSockets: at `http://host:port`, the address they go by. */
export function httpPeerNetwork(options: HttpNetworkOptions = {}): PeerNetwork {
  return networkOf(options, undefined)
}

/** `cluster`: the name of this server's, said with each request. */
function networkOf(options: HttpNetworkOptions, cluster: string | undefined): PeerNetwork {
  const given = fields('options', options, where, httpNetworkOptionNames)
  const { token, live, headersTimeout, fetch: ownFetch } = given
  const { timeout = 30_000, logger = silentLogger, runtime = systemRuntime } = given
  timerTime('timeout', timeout, where)
  if (headersTimeout !== undefined) timerTime('headersTimeout', headersTimeout, where)
  const address =
    given.address === undefined ? undefined : checkAddress('address', given.address, where)
  if (live !== undefined && !ways.includes(live))
    throw unwanted('live', live, '"auto", "websocket", "sse" or false', where)
  optionalFunction('fetch', ownFetch, where)
  optionalLogger(logger, where)
  optionalRuntime(runtime, where)
  if (token !== undefined) text('token', token, where)
  const headers = {
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
    ...(cluster !== undefined && { [clusterHeader]: cluster }),
  }
  const common = { headers, timeout, runtime, ...(ownFetch && { fetch: ownFetch }) }
  const pivotal = {
    ...common,
    ...(address !== undefined && { originator: address }),
    ...(headersTimeout !== undefined && { headersTimeout }),
  }
  const callers = new Map<string, PivotCalls>()
  const callsTo = (peer: string) => {
    const calls = callers.get(peer) ?? new PivotCalls({ ...pivotal, address: peer })
    callers.set(peer, calls)
    return calls
  }
  return {
    as: (name) => networkOf(options, name),

    async about(peer, signal) {
      const { protocol, fields: said } = await callsTo(peer).version(signal)
      return aboutFrom(protocol, said)
    },

    native: (peer, name) =>
      stateLinkTransport({
        ...common,
        url: `http://${peer}`,
        name,
        limits: { ...carriedBodies, ...carriedChanges },
        ...(live !== undefined && { live }),
      }),

    pivot: (peer, keys, local) =>
      pivotTransport({ ...pivotal, address: peer, keys, local, logger }),

    compare: (peer, asked, signal) =>
      askComparison({ ...common, url: `http://${peer}` }, asked, signal),

    notify: (peer, key, signal) => callsTo(peer).synchronize(key, signal),

    async held(peer, key, signal) {
      const calls = callsTo(peer)
      const { objects } = await readPeerList(calls, key, signal)
      return { objects, activity: await calls.activity(key, signal) }
    },

    activity: (peer, key, signal) => callsTo(peer).activity(key, signal),

    async close() {
      await Promise.all([...callers.values()].map((calls) => calls.close()))
    },
  }
}

const ways: readonly unknown[] = ['auto', 'websocket', 'sse', false]
const where = { operation: 'open', component: 'cluster' }

const httpNetworkOptionNames: Known<HttpNetworkOptions> = {
  token: true,
  address: true,
  live: true,
  timeout: true,
  headersTimeout: true,
  fetch: true,
  logger: true,
  runtime: true,
}
