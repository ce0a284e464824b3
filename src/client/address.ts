import { RejoinError } from '../errors/index.ts'
import { at } from './where.ts'

/** Where a state server is, for both of the ways to it; without a trailing slash. */
export interface StateAddress {
  readonly http: string
  readonly ws: string
}

/** Reads a server's address; keys begin below its path. Throws `invalid_argument`. */
export function stateAddress(given: string | URL): StateAddress {
  if (given === undefined || given === null) throw refused('is missing: give url')
  const url = URL.parse(String(given))
  if (url === null) throw refused('is not a URL')
  const secure = isSecure[url.protocol]
  if (secure === undefined) throw refused('is none of http, https, ws and wss')
  if (url.search !== '' || url.hash !== '') throw refused('must have no query and no fragment')
  if (url.username !== '' || url.password !== '')
    throw refused('must hold no credentials: give token')
  const rest = `//${url.host}${url.pathname.replace(/\/+$/, '')}`
  return { http: `http${secure ? 's' : ''}:${rest}`, ws: `ws${secure ? 's' : ''}:${rest}` }
}

const isSecure: Readonly<Record<string, boolean>> = {
  'http:': false,
  'https:': true,
  'ws:': false,
  'wss:': true,
}

// The address itself is not repeated: it may hold a password.
function refused(problem: string): RejoinError {
  return new RejoinError(
    'invalid_argument',
    `url, the state server's address, ${problem}`,
    at('open'),
  )
}
