import { bearerPrefix } from '../transport/websocket/packed-bearer.ts'
import { subprotocol } from '../transport/websocket/wire.ts'

/**
 * What a client that wants a WebSocket says in its subprotocols. Pages can set no header, so a token may stand
 * there in either of two forms: after the name `bearer`, or in base64url after `rejoin.bearer.`.
 */
export interface Offer {
  readonly names: readonly string[]
  /** A token for those who can set no header. */
  readonly token: string | undefined
}

export function offerIn(header: string | null | undefined): Offer {
  const names = (header ?? '').split(',').map((name) => name.trim())
  const packed = names.find((name) => name.startsWith(bearerPrefix))
  if (packed !== undefined) {
    const token = Buffer.from(packed.slice(bearerPrefix.length), 'base64url').toString()
    return { names, token }
  }
  const at = names.indexOf(bearer)
  return { names, token: at < 0 ? undefined : names[at + 1] }
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

/** The headers that came, with such a token as if it stood in Authorization. */
export function withToken(headers: Headers, token: string | undefined): Headers {
  const all = new Headers(headers)
  if (token !== undefined && printable.test(token) && !all.has('authorization'))
    all.set('authorization', `Bearer ${token}`)
  return all
}

const bearer = 'bearer'
const anyVersion = /^rejoin\.v[0-9]{1,6}$/
const printable = /^[\x21-\x7e]+$/
