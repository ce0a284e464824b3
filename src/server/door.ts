import { hash, timingSafeEqual } from 'node:crypto'
import { RejoinError } from '../errors/index.ts'
import type { PlainHeaders } from '../transport/http/plain.ts'
import { hostOf, isLoopback } from './loopback.ts'

export interface DoorOptions {
  readonly host: string
  readonly tokens: readonly string[]
  readonly insecure: boolean
}

/** What the door says to a request: nothing, or the refusal. */
export type Door = (headers: PlainHeaders) => Refusal | undefined

export interface Refusal {
  readonly status: 401 | 403
  readonly code: 'unauthorized' | 'forbidden'
  readonly message: string
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * Decides who may come in. With tokens: who shows one. Without: on loopback, whoever is no web page from
 * elsewhere, because any page can send requests to 127.0.0.1, under a name of its own that points there; off
 * loopback nobody, unless that is what was asked for. Throws `invalid_argument` rather than leave it open.
 */
export function doorOf({ host, tokens, insecure }: DoorOptions): Door {
  if (!tokens.every((token) => tokenForm.test(token)))
    throw refuseToOpen('a token must be printable ASCII without spaces, and not empty', host)
  if (tokens.length > 0) return tokenDoor(tokens)
  if (insecure) return () => undefined
  if (isLoopback(host)) return loopbackDoor
  throw refuseToOpen(
    `${host} can be reached from other machines: give a token, or say that it may be insecure`,
    host,
  )
}

function tokenDoor(tokens: readonly string[]): Door {
  const known = tokens.map(digest)
  return (headers) => {
    const given = digest(/^bearer +(.+)$/i.exec(headers.get('authorization') ?? '')?.[1] ?? '')
    // Digests, and every token compared: how long this takes says nothing about any of them.
    let found = false
    for (const token of known) found = timingSafeEqual(token, given) || found
    return found ? undefined : wrongToken
  }
}

function loopbackDoor(headers: PlainHeaders): Refusal | undefined {
  const host = headers.get('host') ?? ''
  if (!isOurHost(host)) return forbidden('without a token this server answers only to localhost')
  const origin = headers.get('origin')
  if (origin !== null && origin.toLowerCase() !== `http://${host.toLowerCase()}`)
    return forbidden('without a token this server answers no web page from elsewhere')
  return undefined
}

let lastHost = 'localhost'

/** Nearly all requests name the same one. */
function isOurHost(host: string): boolean {
  if (host === lastHost) return true
  const name = hostOf(host)
  if (name === undefined || !isLoopback(name)) return false
  lastHost = host
  return true
}

function forbidden(message: string): Refusal {
  return { status: 403, code: 'forbidden', message }
}

function refuseToOpen(message: string, host: string): RejoinError {
  return new RejoinError('invalid_argument', message, {
    operation: 'serve',
    component: 'server',
    details: { host },
  })
}

function digest(token: string): Buffer {
  return hash('sha256', token, 'buffer')
}

// What a header carries unchanged.
const tokenForm = /^[\x21-\x7e]+$/

const wrongToken: Refusal = {
  status: 401,
  code: 'unauthorized',
  message: 'a bearer token is needed, and it must be right',
  headers: { 'www-authenticate': 'Bearer' },
}
