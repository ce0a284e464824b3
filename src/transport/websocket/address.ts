import { RejoinError } from '../../errors/index.ts'

/** Where a remote's WebSocket is: `ws` or `wss`, and at `home` when the address names no path. */
export function socketAddress(given: string | URL, home: string): string {
  if (given === undefined || given === null) throw refused('is missing: give url')
  const url = URL.parse(String(given))
  if (url === null) throw refused('is not a URL')
  const protocol = protocols[url.protocol]
  if (protocol === undefined) throw refused('is none of ws, wss, http and https')
  if (url.search !== '' || url.hash !== '') throw refused('must have no query and no fragment')
  if (url.username !== '' || url.password !== '')
    throw refused('must hold no credentials: give token')
  const path = url.pathname.replace(/\/+$/, '')
  return `${protocol}//${url.host}${path === '' ? home : path}`
}

const protocols: Readonly<Record<string, string>> = {
  'ws:': 'ws:',
  'wss:': 'wss:',
  'http:': 'ws:',
  'https:': 'wss:',
}

// The address itself is not repeated: it may hold a password.
function refused(problem: string): RejoinError {
  return new RejoinError('invalid_argument', `url, the remote's address, ${problem}`, {
    operation: 'open',
    component: 'transport/websocket',
  })
}
