import { bearerPrefix, subprotocol } from '../transport/websocket/wire.ts'

/** What a client that wants a WebSocket says in its subprotocols. */
export interface Offer {
  /** The one that is answered: ours, or another version of it, which is then told which is ours. */
  readonly chosen: string | undefined
  readonly isOurs: boolean
  /** A token for those who can set no header. */
  readonly token: string | undefined
}

export function offerIn(header: string | undefined): Offer {
  const names = (header ?? '').split(',').map((name) => name.trim())
  const isOurs = names.includes(subprotocol)
  const chosen = isOurs ? subprotocol : names.find((name) => anyVersion.test(name))
  const bearer = names.find((name) => name.startsWith(bearerPrefix))
  const token = bearer && Buffer.from(bearer.slice(bearerPrefix.length), 'base64url').toString()
  return { chosen, isOurs, token }
}

/** The headers that came, with such a token as if it stood in Authorization. */
export function withToken(headers: Headers, token: string | undefined): Headers {
  const all = new Headers(headers)
  if (token !== undefined && printable.test(token) && !all.has('authorization'))
    all.set('authorization', `Bearer ${token}`)
  return all
}

const anyVersion = /^rejoin\.v[0-9]{1,6}$/
const printable = /^[\x21-\x7e]+$/
