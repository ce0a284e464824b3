import { abortSignal, fields, type Known, optionalFunction } from '../../errors/check.ts'
import { RejoinError } from '../../errors/index.ts'
import { type Logger, tellListener } from '../../ports/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import { Pause } from '../pause.ts'
import { notState } from '../rest/failure.ts'
import { Malformed } from '../rest/read-object.ts'
import type { Requests } from '../rest/requests.ts'
import type { Token } from '../rest/token.ts'
import { at, component } from '../where.ts'
import type { HeldValue } from './held-value.ts'
import { Latest } from './latest.ts'
import { readMessage } from './message.ts'
import { follow, Quiet, type SocketClass } from './socket.ts'
import type { Connectivity, SubscribeOptions, Subscription } from './subscription.ts'

export interface FollowingContext {
  readonly ws: string
  readonly requests: Requests
  readonly token: Token
  readonly WebSocket: SocketClass
  readonly timeout: number
  readonly quiet: number
  readonly logger: Logger
  readonly runtime: Runtime
}

export interface FollowedValue<Value> {
  readonly path: string
  readonly held: HeldValue<Value>
  readonly onValue: ((value: Value) => void) | undefined
  readonly options: SubscribeOptions
  /** Called at each connection: the server can be reached. */
  readonly onOpen: () => void
  readonly onEnd: () => void
}

/**
 * One subscription, through as many connections as it takes:
 *
 *     connecting --open, or first message--> live
 *       ^  |                                  |
 *       |  +---- lost ----> waiting <- lost --+
 *       +------ pause -----'        refused, closed --> ended
 *
 * A connection that was quiet for long is made anew while it is `live`: with its version that costs nothing.
 */
export class Followed<Value> implements Subscription<Value> {
  readonly #context: FollowingContext
  readonly #of: FollowedValue<Value>
  readonly #latest = new Latest<Value>()
  readonly #pause: Pause
  readonly #end = new AbortController()
  #connectivity: Connectivity = 'connecting'
  /** Of the value that is held; without one, a snapshot is needed. */
  #version: string | undefined

  constructor(context: FollowingContext, of: FollowedValue<Value>) {
    const where = at('subscribe')
    const { signal, onConnectivity } = fields('options', of.options, where, subscribeOptionNames)
    optionalFunction('onValue', of.onValue, where)
    optionalFunction('onConnectivity', onConnectivity, where)
    abortSignal(signal, where)
    this.#context = context
    this.#of = of
    this.#pause = new Pause(context.runtime)
    const close = () => this.close()
    if (signal?.aborted) this.#end.abort()
    signal?.addEventListener('abort', close, { once: true })
    // Whoever made it gets hold of it before anything is told.
    void Promise.resolve()
      .then(() => this.#run())
      .finally(() => {
        signal?.removeEventListener('abort', close)
        of.onEnd()
      })
  }

  get value(): Value | undefined {
    return this.#latest.value
  }

  get isLoaded(): boolean {
    return this.#latest.isLoaded
  }

  get connectivity(): Connectivity {
    return this.#connectivity
  }

  nudge(): void {
    this.#pause.nudge()
  }

  close(): void {
    this.#end.abort(closed())
  }

  [Symbol.dispose](): void {
    this.close()
  }

  [Symbol.asyncIterator](): AsyncGenerator<Value, void> {
    return this.#latest.read()
  }

  async #run(): Promise<void> {
    const { signal } = this.#end
    for (;;) {
      try {
        await this.#connect(signal)
      } catch (error) {
        if (signal.aborted) break
        if (error instanceof Quiet) continue
        const trouble = await this.#meaningOf(error)
        if (signal.aborted) break
        if (!trouble.retryable) return this.#over(trouble)
        this.#now('waiting', trouble)
        if (!(await this.#waited(trouble, signal))) break
        this.#now('connecting')
      }
    }
    this.#over()
  }

  async #connect(signal: AbortSignal): Promise<never> {
    const { ws, token, WebSocket, timeout, quiet, runtime } = this.#context
    const version = this.#version
    const query = version === undefined ? '' : `?v=${version}`
    const begun = { isOpen: false, isTold: false }
    let openedAt = 0
    try {
      return await follow(
        {
          url: `${ws}/${this.#of.path}${query}`,
          token: await token.now(signal),
          WebSocket,
          timeout,
          quiet,
          runtime,
          onOpen: () => {
            begun.isOpen = true
            openedAt = runtime.monotonic()
            this.#of.onOpen()
            // Nothing is said to who has it all.
            if (version !== undefined) this.#now('live')
          },
          onMessage: (frame) => {
            this.#take(frame)
            begun.isTold = true
            this.#pause.succeeded()
            this.#now('live')
          },
        },
        signal,
      )
    } catch (error) {
      if (begun.isOpen && runtime.monotonic() - openedAt > lasting) this.#pause.succeeded()
      const isFine = error instanceof Quiet && this.#version !== undefined
      throw signal.aborted || isFine ? error : new Lost(error, begun)
    }
  }

  #take(frame: unknown): void {
    // Until it is taken: a message that makes no sense leaves a value that nothing can be patched on.
    this.#version = undefined
    const message = readMessage(frame)
    const isNew = this.#of.held.take(message)
    this.#version = message.version
    if (!isNew) return
    const { value } = this.#of.held
    this.#latest.set(value)
    this.#call('onValue', () => this.#of.onValue?.(value))
  }

  /** Browsers don't tell why a WebSocket was refused; the same request without one does. */
  async #meaningOf(lost: unknown): Promise<RejoinError> {
    const { error, isOpen, isTold } = lost as Lost
    const asked = { operation: 'subscribe', url: `${this.#context.ws}/${this.#of.path}` }
    if (error instanceof Malformed) {
      const refused = notState(asked, error.message, error)
      return isTold ? retryable(refused) : refused
    }
    // A patch that does not fit what is held: a snapshot mends it.
    if (isOpen) return retryable(RejoinError.from(error, { ...at('subscribe'), code: 'network' }))
    const trouble = RejoinError.from(error, { ...at('subscribe'), code: 'network' })
    if (!trouble.retryable) return trouble
    try {
      // The answer to HEAD is small, and the one to GET says why.
      await this.#asked('HEAD')
      return trouble
    } catch (reason) {
      if (!final.has((reason as RejoinError).code)) return trouble
    }
    return this.#asked('GET').then(
      () => trouble,
      (reason: RejoinError) => reason,
    )
  }

  #asked(method: 'HEAD' | 'GET'): Promise<unknown> {
    const request = { operation: 'subscribe', method, target: `/${this.#of.path}` } as const
    return this.#context.requests.send(request, this.#end.signal, [404, 405])
  }

  /** `false`: it was closed meanwhile. */
  async #waited(trouble: RejoinError, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#pause.after(trouble, signal)
      return true
    } catch {
      return false
    }
  }

  #over(trouble?: RejoinError): void {
    this.#now('ended', trouble)
    this.#latest.end(trouble)
  }

  #now(connectivity: Connectivity, trouble?: RejoinError): void {
    if (this.#connectivity === connectivity) return
    this.#connectivity = connectivity
    const { onConnectivity } = this.#of.options
    this.#call('onConnectivity', () => onConnectivity?.(connectivity, trouble))
  }

  #call(name: string, callback: () => unknown): void {
    tellListener(callback, undefined, (error) =>
      this.#context.logger.error(`an ${name} threw`, { path: this.#of.path, error }),
    )
  }
}

/** How far a connection had come when it was lost. */
class Lost extends Error {
  readonly error: unknown
  readonly isOpen: boolean
  readonly isTold: boolean

  constructor(error: unknown, begun: { readonly isOpen: boolean; readonly isTold: boolean }) {
    super('lost')
    this.error = error
    this.isOpen = begun.isOpen
    this.isTold = begun.isTold
  }
}

function retryable({ code, message, operation, details, cause }: RejoinError): RejoinError {
  return new RejoinError(code, message, { operation, component, details, cause, retryable: true })
}

function closed(): RejoinError {
  return new RejoinError('closed', 'the subscription is closed', at('subscribe'))
}

/** What waiting does not mend. */
const final: ReadonlySet<string> = new Set(['unauthorized', 'forbidden', 'invalid_argument'])
/** Milliseconds after which a connection was a success, though it had nothing to tell. */
const lasting = 10_000

const subscribeOptionNames: Known<SubscribeOptions> = { signal: true, onConnectivity: true }
