import { clusterHeader } from '../transport/remote/cluster-header.ts'
import { bearerPrefix } from '../transport/websocket/packed-bearer.ts'
import { clusterPrefix } from '../transport/websocket/packed-cluster.ts'
import { subprotocol } from '../transport/websocket/wire.ts'

/**
 * What a client that wants a WebSocket says in its subprotocols. Pages can set no header, so a token may stand
 * there in either of two forms: after the name `bearer`, or in base64url after `rejoin.bearer.`. The name of a cluster
 * stands after `rejoin.cluster.` likewise.
 */
export interface Offer {
  readonly names: readonly string[]
  /** A token for those who can set no header. */
  readonly token: string | undefined
  readonly cluster: string | undefined
}

export function offerIn(header: string | null | undefined): Offer {
  const names = (header ?? '').split(',').map((name) => name.trim())
  const cluster = unpacked(names, clusterPrefix)
  const packed = unpacked(names, bearerPrefix)
  if (packed !== undefined) return { names, token: packed, cluster }
  const at = names.indexOf(bearer)
  return { names, token: at < 0 ? undefined : names[at + 1], cluster }
}

/** The one that is answered to who speaks ours: that, or another version of it, which is then told which is ours. */
export function versionIn(names: Iterable<string>): string | undefined {
  const all = [...names]
  return all.includes(subprotocol) ? subprotocol : all.find((name) => anyVersion.test(name))
}

/** The one that is answered to who speaks none of ours. Never one with a token in it: others may read an answer. */
export function bearerIn(names: Iterable<string>): string | undefined {
  const all = [...names]
  return [bearer, subprotocol].find((name) => all.includes(name))
}

/** The headers that came, with such a token as if it stood in Authorization, and the cluster in its own. */
export function withOffered(headers: Headers, { token, cluster }: Omit<Offer, 'names'>): Headers {
  const all = new Headers(headers)
  if (cluster !== undefined && clusterText.test(cluster) && !all.has(clusterHeader))
    all.set(clusterHeader, cluster)
  if (token !== undefined && printable.test(token) && !all.has('authorization'))
    all.set('authorization', `Bearer ${token}`)
  return all
}

function unpacked(names: readonly string[], prefix: string): string | undefined {
  const packed = names.find((name) => name.startsWith(prefix))
  return packed && Buffer.from(packed.slice(prefix.length), 'base64url').toString()
}

const bearer = 'bearer'
const anyVersion = /^rejoin\.v[0-9]{1,6}$/
const printable = /^[\x21-\x7e]+$/
const clusterText = /^[\x20-\x7e]+$/
