import { RejoinError } from '../../errors/index.ts'

/** Where a remote is. */
export interface Address {
  /** Without credentials, query and trailing slash: fit to be shown. */
  readonly base: string
  /** From `user:password@` in the address: fetch takes none there. */
  readonly authorization?: string
  /** It is this machine: bytes cost nothing on the way there. */
  readonly isLocal: boolean
}

/** Reads a remote's address. One without a path means what stands at `home`. */
export function addressOf(given: string | URL, home: string): Address {
  if (given === undefined || given === null) throw refused('is missing: give url')
  const url = URL.parse(String(given))
  if (url === null) throw refused('is not a URL')
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw refused('is neither http nor https')
  if (url.search !== '' || url.hash !== '') throw refused('must have no query and no fragment')
  const path = url.pathname.replace(/\/+$/, '')
  const base = `${url.origin}${path === '' ? home : path}`
  const isLocal = /^(localhost|127\..*|\[::1\])$/.test(url.hostname)
  if (url.username === '' && url.password === '') return { base, isLocal }
  return { base, isLocal, authorization: basic(url) }
}

function basic({ username, password }: URL): string {
  const text = `${decoded(username)}:${decoded(password)}`
  return `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(text)))}`
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

// The address itself is not repeated: it may hold a password.
function refused(problem: string): RejoinError {
  return new RejoinError('invalid_argument', `url, the remote's address, ${problem}`, {
    operation: 'open',
    component: 'transport/http',
  })
}
