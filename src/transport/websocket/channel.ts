import { RejoinError } from '../../errors/index.ts'
import type { Runtime, Timer } from '../../runtime/index.ts'
import { parsed } from '../remote/parsed.ts'
import { protocolName, protocolVersion } from '../remote/wire.ts'
import { type Asked, connectionEnded, notOurs } from './failure.ts'
import { decodeMessage, encodeMessage, jsonOf, type Message } from './message.ts'
import { closeCodes, type Kind, type Ready, readySchema } from './wire.ts'

/** What a call does with the messages that answer it. */
export interface Answered {
  /** Pages come until it is over; otherwise the first message is the last. */
  readonly isStream: boolean
  take(message: Message): void
  failed(error: unknown): void
}

export interface ChannelOptions extends Asked {
  readonly runtime: Runtime
  /** Milliseconds without calls after which it closes itself; none without it. */
  readonly idle: number
  readonly onOver: () => void
}

/**
 * A client's end of one connection: `greeting` until the server is `ready`, then calls side by side, each
 * with the lowest number that is free, until it is `over` for all of them.
 */
export class Channel {
  readonly #socket: WebSocket
  readonly #options: ChannelOptions
  readonly #calls = new Map<number, Answered>()
  readonly #ready = Promise.withResolvers<Ready>()
  #isOver = false
  #welcome: Ready | undefined
  #timer: Timer | undefined
  #heardAt = 0
  #idleSince: number

  constructor(socket: WebSocket, options: ChannelOptions) {
    this.#socket = socket
    this.#options = options
    this.#heardAt = this.#idleSince = options.runtime.monotonic()
    // Whoever waits for it is told; nobody may.
    this.#ready.promise.catch(() => {})
    socket.addEventListener('message', (event) => this.#receive(event.data))
    socket.addEventListener('close', (event) => this.#end(connectionEnded(event, options)))
    const protocol = { name: protocolName, version: protocolVersion }
    socket.send(encodeMessage('open', 0, { protocol }))
  }

  /** Resolves when calls can begin. */
  get ready(): Promise<Ready> {
    return this.#ready.promise
  }

  /** What the server takes and gives; it is known once it is ready. */
  get limits(): Ready['limits'] {
    return (this.#welcome as Ready).limits
  }

  /** Begins a call; gives its number. Throws when there is none left, or the message is larger than is taken. */
  begin(kind: Kind, body: string | object, call: Answered): number {
    const { limits } = this
    let id = 0
    while (this.#calls.has(id)) id++
    if (id >= limits.calls) throw this.#refusal('unavailable', 'too many calls at one time')
    const message = encodeMessage(kind, id, body)
    if (message.byteLength > limits.message)
      throw this.#refusal(
        'too_large',
        `a ${kind} of ${message.byteLength} bytes, of which the remote takes ${limits.message}`,
      )
    this.#calls.set(id, call)
    this.#socket.send(message)
    return id
  }

  /** Says something more about a call under way. */
  say(kind: Kind, id: number, body: string | object = ''): void {
    if (!this.#isOver) this.#socket.send(encodeMessage(kind, id, body))
  }

  /** Nobody waits for this call any more: its number is free when the server has said that it is over. */
  abandon(id: number, call: Answered): void {
    if (this.#isOver || this.#calls.get(id) !== call) return
    this.#calls.set(id, { isStream: call.isStream, take: () => {}, failed: () => {} })
    this.say('cancel', id)
  }

  /** Whoever still waits is told `reason`. Idempotent. */
  close(reason: unknown): void {
    this.#socket.close(closeCodes.normal)
    this.#end(reason)
  }

  #receive(data: unknown): void {
    if (this.#isOver) return
    this.#heardAt = this.#options.runtime.monotonic()
    try {
      if (!(data instanceof ArrayBuffer)) throw notOurs(this.#options, 'a message of text')
      this.#take(decodeMessage(new Uint8Array(data)))
    } catch (error) {
      this.close(error instanceof RejoinError ? this.#asOurs(error) : error)
    }
  }

  #take(message: Message): void {
    const { kind, id } = message
    if (kind === 'ready') return void this.#greeted(message)
    if (kind === 'pong') return
    const call = this.#calls.get(id)
    if (call === undefined) throw notOurs(this.#options, `${kind} for a call that is not under way`)
    if (!call.isStream || kind !== 'page') {
      this.#calls.delete(id)
      this.#idleSince = this.#heardAt
    }
    call.take(message)
  }

  #greeted(message: Message): void {
    const refuse = (problem: string) => notOurs(this.#options, problem)
    const ready = parsed(readySchema, jsonOf(message), refuse)
    const { name, version } = ready.protocol
    if (name !== protocolName || version !== protocolVersion)
      throw refuse(`it speaks ${name} ${version}, this is ${protocolName} ${protocolVersion}`)
    if (this.#welcome !== undefined) throw refuse('it is ready twice')
    this.#welcome = ready
    this.#watch(ready.silence)
    this.#ready.resolve(ready)
  }

  /** Asks a server that has been quiet for a sign of life, and gives up one that is silent. */
  #watch(silence: number): void {
    const { runtime, idle } = this.#options
    const wait = Math.max(1, Math.min(Math.floor(silence / 4), idle))
    this.#timer = runtime.timer(wait, () => {
      const now = runtime.monotonic()
      const quiet = now - this.#heardAt
      if (quiet > silence)
        return this.close(
          connectionEnded({ code: closeCodes.silent, reason: 'silence' }, this.#options),
        )
      if (this.#calls.size === 0 && now - this.#idleSince >= idle) return this.close(this.#closed())
      if (quiet * 3 > silence) this.say('ping', 0)
      this.#watch(silence)
    })
  }

  #end(reason: unknown): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#timer?.cancel()
    this.#ready.reject(reason)
    const calls = [...this.#calls.values()]
    this.#calls.clear()
    this.#options.onOver()
    for (const call of calls) call.failed(reason)
  }

  #asOurs(error: RejoinError): RejoinError {
    return error.code === 'invalid_frame' ? notOurs(this.#options, error.message, error) : error
  }

  #closed(): RejoinError {
    return this.#refusal('network', 'the connection was idle')
  }

  #refusal(code: 'unavailable' | 'too_large' | 'network', message: string): RejoinError {
    return new RejoinError(code, message, { operation: 'call', component: 'transport/websocket' })
  }
}
