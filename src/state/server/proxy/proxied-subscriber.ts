import type { PeerSocket } from '../../../transport/websocket/peer-socket.ts'
import type { StatePeer } from '../live/state-peer.ts'
import type { Proxied } from './proxies.ts'
import { unreached } from './proxies.ts'
import { renamedMessage } from './renamed.ts'

export interface Relaying {
  readonly proxied: Proxied
  /** With the question mark, or empty. */
  readonly search: string
  readonly signal: AbortSignal
}

/** A subscription there. */
export interface RemoteEnd {
  readonly socket: WebSocket
  /** What has come before somebody listens. */
  readonly early: unknown[]
}

/** Opens the subscription there. Rejects with a refusal when that can't be had. */
export function dialProxied({ proxied, search, signal }: Relaying): Promise<RemoteEnd> {
  const { proxy, target } = proxied
  const protocols = proxy.token === undefined ? [] : ['bearer', proxy.token]
  const remote = new WebSocket(`${target.replace(/^http/, 'ws')}${search}`, protocols)
  remote.binaryType = 'arraybuffer'
  const early: unknown[] = []
  remote.onmessage = ({ data }) => early.push(data)
  return new Promise((resolve, reject) => {
    const fail = () => {
      remote.close()
      reject(unreached())
    }
    signal.addEventListener('abort', fail, { once: true })
    remote.addEventListener('close', fail, { once: true })
    remote.addEventListener('error', fail, { once: true })
    remote.addEventListener('open', () => {
      signal.removeEventListener('abort', fail)
      resolve({ socket: remote, early })
    })
  })
}

export interface RelayContext {
  readonly now: () => number
  readonly unsentBytes: number
  readonly gone: (relay: ProxiedSubscriber) => void
}

/**
 * Passes on what a remote server tells, under the names of here. Who is too slow for it is dropped, and comes
 * back with the version that it has.
 */
export class ProxiedSubscriber implements StatePeer {
  readonly #context: RelayContext
  readonly #socket: PeerSocket
  readonly #remote: WebSocket
  #heardAt: number
  #isOver = false

  constructor(
    context: RelayContext,
    socket: PeerSocket,
    { socket: remote, early }: RemoteEnd,
    { map }: Proxied,
  ) {
    this.#context = context
    this.#socket = socket
    this.#remote = remote
    this.#heardAt = context.now()
    const pass = (data: unknown) => this.#pass(data, (path) => map.here(path))
    for (const data of early) pass(data)
    remote.onmessage = ({ data }) => pass(data)
    remote.addEventListener('close', () => this.#end('the server where this path stands is gone'))
  }

  heard(): void {
    this.#heardAt = this.#context.now()
  }

  gone(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#remote.close()
    this.#context.gone(this)
  }

  leave(): void {
    this.#end('the server is shutting down')
  }

  look(now: number, { silence }: { readonly silence: number }): void {
    if (now - this.#heardAt > silence) {
      this.#socket.terminate()
      this.gone()
    } else {
      this.#socket.ping()
      // Nobody there listens to it; a connection that has died without a word is found out by it.
      this.#remote.send('')
    }
  }

  #pass(data: unknown, rename: (path: string) => string | undefined): void {
    if (this.#isOver) return
    try {
      const text = renamedMessage(decoder.decode(data as ArrayBuffer), rename)
      if (this.#socket.bufferedAmount < this.#context.unsentBytes)
        this.#socket.send(encoder.encode(text), () => {})
      else {
        this.#socket.terminate()
        this.gone()
      }
    } catch {
      this.#end('the server where this path stands says what makes no sense')
    }
  }

  #end(reason: string): void {
    if (this.#isOver) return
    this.#socket.close(1001, reason)
    this.gone()
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true })
const encoder = new TextEncoder()
