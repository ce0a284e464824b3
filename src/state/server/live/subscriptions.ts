import type { Logger } from '../../../ports/index.ts'
import { type Runtime, type Timer, withDeadline } from '../../../runtime/index.ts'
import type { PeerSocket } from '../../../transport/websocket/peer-socket.ts'
import { Unsent } from '../../../transport/websocket/unsent.ts'
import type { State } from '../../state.ts'
import { type CorsOptions, maySubscribe } from '../cors.ts'
import type { Filters } from '../filters.ts'
import { keyPathOf } from '../path-of.ts'
import { dialProxied, ProxiedSubscriber } from '../proxy/proxied-subscriber.ts'
import { type Proxied, type Proxies, unreached } from '../proxy/proxies.ts'
import { asked, StateRefusal } from '../refusal.ts'
import type { ServedCluster } from '../served-cluster.ts'
import type { BroadcastManners } from './channel.ts'
import { Channels } from './channels.ts'
import { ClockSockets } from './clock-sockets.ts'
import type { StatePeer } from './state-peer.ts'
import { Subscriber } from './subscriber.ts'

export interface SubscriptionsOptions extends BroadcastManners {
  readonly state: State
  readonly filters: Filters
  readonly proxies: Proxies
  readonly cors: CorsOptions
  readonly beforeRead: ((path: string) => unknown) | undefined
  readonly cluster: ServedCluster
  readonly reserved: readonly string[]
  readonly onSubscribe: ((path: string, request: Request) => unknown) | undefined
  readonly onUnsubscribe: ((path: string) => unknown) | undefined
  readonly unsentBytes: number
  readonly allUnsentBytes: number
  /** Milliseconds. */
  readonly ping: number
  readonly silence: number
  readonly stall: number
  readonly deadline: number
  readonly logger: Logger
  readonly runtime: Runtime
}

interface Admitted {
  accept(socket: PeerSocket): StatePeer
  abandon(): void
}

/** All WebSockets of one server: who follows which pattern, and who only wants the time. */
export class Subscriptions {
  readonly channels: Channels
  readonly clocks: ClockSockets
  readonly #options: SubscriptionsOptions
  readonly #unsent: Unsent
  readonly #peers = new Set<Subscriber | ProxiedSubscriber>()
  readonly #closing = new AbortController()
  #timer: Timer | undefined

  constructor(options: SubscriptionsOptions) {
    this.#options = options
    const { state, filters, logger, runtime } = options
    this.channels = new Channels({ state, filters, manners: options, logger, runtime })
    this.clocks = new ClockSockets(runtime, options.silence)
    this.#unsent = new Unsent(options.allUnsentBytes)
  }

  /** Rejects with a refusal. One of the two that it gives must be called. */
  async admit(request: Request): Promise<Admitted> {
    const { cors, beforeRead, onSubscribe, cluster, reserved } = this.#options
    if (this.#closing.signal.aborted) throw new StateRefusal(503, 'the server is shutting down')
    if (!maySubscribe(request, cors))
      throw new StateRefusal(403, 'web pages from elsewhere may not connect')
    const url = new URL(request.url)
    if (url.pathname === '/')
      return { accept: (socket) => this.clocks.accept(socket), abandon() {} }
    const path = keyPathOf(url, reserved)
    const proxied = this.#options.proxies.find(path)
    if (proxied !== undefined) return this.#relay(proxied, path, request)
    // First of all what costs nothing.
    this.#options.filters.reading(path)
    if (beforeRead !== undefined) await asked(() => beforeRead(path))
    await cluster.beforeRead(path)
    if (onSubscribe !== undefined) await asked(() => onSubscribe(path, request))
    const version = url.searchParams.get('v') ?? undefined
    const over = () => this.#over(path)
    const held = await this.channels
      .hold(path, version, this.#closing.signal)
      .catch((error: unknown) => {
        over()
        throw error
      })
    return {
      accept: (socket) => {
        const subscriber = this.#watched(new Subscriber(this.#context(over), socket, held))
        subscriber.start()
        return subscriber
      },
      abandon: () => {
        held.release()
        over()
      },
    }
  }

  /** Ends them all with a closing handshake. */
  close(): void {
    this.#closing.abort(new StateRefusal(503, 'the server is shutting down'))
    this.#timer?.cancel()
    for (const peer of [...this.#peers]) peer.leave()
    this.clocks.close()
  }

  async #relay(proxied: Proxied, path: string, request: Request): Promise<Admitted> {
    const { onSubscribe, runtime, unsentBytes, deadline } = this.#options
    if (onSubscribe !== undefined) await asked(() => onSubscribe(path, request))
    const over = () => this.#over(path)
    const { search } = new URL(request.url)
    const dialling = (signal: AbortSignal) => dialProxied({ proxied, search, signal })
    const closing = this.#closing.signal
    const remote = await withDeadline(runtime, deadline, closing, unreached, dialling).catch(
      (error: unknown) => {
        over()
        throw error
      },
    )
    const gone = (relay: ProxiedSubscriber) => {
      this.#peers.delete(relay)
      over()
    }
    const context = { now: () => runtime.monotonic(), unsentBytes, gone }
    return {
      accept: (socket) => this.#watched(new ProxiedSubscriber(context, socket, remote, proxied)),
      abandon() {
        remote.socket.close()
        over()
      },
    }
  }

  #watched<Peer extends Subscriber | ProxiedSubscriber>(peer: Peer): Peer {
    this.#peers.add(peer)
    this.#timer ??= this.#next()
    return peer
  }

  #context(over: () => void) {
    const { runtime, unsentBytes } = this.#options
    const gone = (subscriber: Subscriber) => {
      this.#peers.delete(subscriber)
      over()
    }
    return { runtime, unsentBytes, unsent: this.#unsent, gone }
  }

  #over(path: string): void {
    const { onUnsubscribe, logger } = this.#options
    asked(() => onUnsubscribe?.(path)).catch((error: unknown) =>
      logger.error('an onUnsubscribe threw', { path, error }),
    )
  }

  /** One timer for all of them, while there are any. */
  #next(): Timer | undefined {
    if (this.#peers.size === 0 || this.#closing.signal.aborted) return undefined
    const { runtime, ping } = this.#options
    return runtime.timer(ping, () => {
      const now = runtime.monotonic()
      for (const peer of [...this.#peers]) peer.look(now, this.#options)
      this.#timer = this.#next()
    })
  }
}
