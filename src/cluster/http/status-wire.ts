import type { RejoinError } from '../../errors/index.ts'
import type { ClusterStatus, KeyStatus, PeerStatus } from '../status/status.ts'

/**
 * A status as JSON: terms as digits, because they exceed 2⁵³, and errors as `{ code, message }`. Times are
 * milliseconds since 1970.
 */
export function statusBody({ keys, peers, ...rest }: ClusterStatus): object {
  return { ...rest, keys: keys.map(keyBody), peers: peers.map(peerBody) }
}

function keyBody({ term, ...rest }: KeyStatus): object {
  return { ...rest, term: String(term) }
}

function peerBody({ error, links, ...rest }: PeerStatus): object {
  return {
    ...rest,
    ...errorBody(error),
    links: links.map(({ error, blocked, ...link }) => ({
      ...link,
      ...(blocked && { blocked: { ...blocked, ...errorBody(blocked.error) } }),
      ...errorBody(error),
    })),
  }
}

function errorBody(error: RejoinError | undefined): { readonly error?: object } {
  return error === undefined ? {} : { error: { code: error.code, message: error.message } }
}
