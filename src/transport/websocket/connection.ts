import { RejoinError } from '../../errors/index.ts'
import type { Logger } from '../../ports/index.ts'
import { type Sized, untilAborted } from '../remote/index.ts'
import { parsed } from '../remote/parsed.ts'
import { told } from '../remote/told.ts'
import { protocolName, protocolVersion } from '../remote/wire.ts'
import { closeReason } from './close-reason.ts'
import { decodeMessage, encodeMessage, jsonOf, type Message, malformed } from './message.ts'
import type { PeerConnection, PeerSocket } from './peer-socket.ts'
import { filterOf, type ServedContext, servedCalls, type Work } from './served-calls.ts'
import { type Outlet, ServedSubscription } from './served-subscription.ts'
import type { Holder, Unsent } from './unsent.ts'
import { closeCodes, creditSchema, openSchema, subprotocol, subscribeSchema } from './wire.ts'

export interface ConnectionContext<C extends Sized> extends ServedContext<C> {
  readonly logger: Logger
  readonly unsent: Unsent
  /** Milliseconds without a sign of life. */
  readonly silence: number
  readonly gone: (connection: Connection<C>) => void
}

/**
 * A server's end of one connection: `greeting` until the client has said which protocol it speaks, then
 * `open`; `leaving` takes no more calls and ends with those under way; `over` does nothing.
 */
export class Connection<C extends Sized> implements PeerConnection, Outlet, Holder {
  readonly #context: ConnectionContext<C>
  readonly #socket: PeerSocket
  readonly #calls = new Map<number, Served>()
  #state: 'greeting' | 'open' | 'leaving' | 'over' = 'greeting'
  // Made when they are needed: most connections only wait.
  #waiting: (() => void)[] | undefined
  #sent: (() => void) | undefined
  #heardAt: number
  /** The socket takes no more until it has sent some. */
  #isFull = false

  constructor(context: ConnectionContext<C>, socket: PeerSocket) {
    this.#context = context
    this.#socket = socket
    this.#heardAt = context.runtime.monotonic()
  }

  get held(): number {
    return this.#state === 'over' ? 0 : this.#socket.bufferedAmount
  }

  get hasRoom(): boolean {
    return !this.#isFull
  }

  receive(bytes: Uint8Array, isBinary: boolean): void {
    if (this.#state === 'over') return
    this.heard()
    try {
      if (!isBinary) throw malformed('a message of text: all are binary')
      this.#take(decodeMessage(bytes))
    } catch (error) {
      this.#fail(error)
    }
  }

  heard(): void {
    this.#heardAt = this.#context.runtime.monotonic()
  }

  gone(): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    this.#context.unsent.forget(this)
    for (const call of this.#calls.values()) call.cancel(lost())
    this.#calls.clear()
    this.#wake()
    this.#context.gone(this)
  }

  leave(): void {
    if (this.#state === 'over' || this.#state === 'leaving') return
    this.#state = 'leaving'
    for (const [id, call] of this.#calls)
      if (call instanceof ServedSubscription) void this.#finishLast(id, call)
    this.#endIfDone()
  }

  async #finishLast(id: number, subscription: ServedSubscription<C>): Promise<void> {
    try {
      await subscription.finish(this.#context.remote)
    } catch {
      // A log that can't be read has nothing to say on the way out.
    }
    if (this.#calls.get(id) === subscription) this.over(id, leaving())
  }

  /** Asks for a sign of life, or gives up waiting for one. */
  look(now: number): void {
    const quiet = now - this.#heardAt
    if (quiet > this.#context.silence) return void this.drop()
    if (quiet * 3 > this.#context.silence) this.#socket.ping()
  }

  drop(): void {
    this.#socket.terminate()
    this.gone()
  }

  send(message: Uint8Array<ArrayBuffer>): void {
    if (this.#state === 'over') return
    // Looked up once: it costs a subscriber of many a tenth of the time for a page.
    const held = this.#socket.bufferedAmount + message.byteLength
    this.#isFull = held >= this.#context.limits.unsentBytes
    // Nor is it told when it is gone: each callback costs a turn of the event loop's queue.
    if (held <= uncounted && !this.#isFull) return void this.#socket.send(message)
    this.#sent ??= () => this.#onSent()
    this.#socket.send(message, this.#sent)
    this.#context.unsent.update(this)
  }

  over(id: number, error?: unknown): void {
    this.#calls.delete(id)
    if (error === undefined) this.send(encodeMessage('ended', id))
    else this.#tell(id, error)
    this.#endIfDone()
  }

  #onSent(): void {
    this.#context.unsent.update(this)
    this.#isFull = this.held >= this.#context.limits.unsentBytes
    if (this.#isFull) return
    this.#wake()
    for (const call of [...this.#calls.values()])
      if (call instanceof ServedSubscription) call.resume()
  }

  #take(message: Message): void {
    const { kind, id } = message
    if (this.#state === 'greeting') return void this.#greet(message)
    switch (kind) {
      case 'ping':
        return void this.send(encodeMessage('pong', 0))
      case 'credit':
        return void this.#credit(message)
      case 'cancel':
        return void this.#cancel(id)
      case 'subscribe':
        this.#claim(id)
        return void this.#subscribe(message)
      default: {
        const read = servedCalls[kind]
        if (read === undefined) throw malformed(`${kind} is not for a client to say now`)
        this.#claim(id)
        this.#answer(id, read(this.#context, message))
      }
    }
  }

  #greet(message: Message): void {
    if (message.kind !== 'open') throw malformed(`${message.kind} before open`)
    const { protocol } = parsed(openSchema, jsonOf(message), malformed)
    if (protocol.name !== protocolName || protocol.version !== protocolVersion)
      return void this.#end(closeCodes.version, `this server speaks ${subprotocol}`)
    this.#state = 'open'
    const { calls, creditBytes, messageBytes } = this.#context.limits
    const limits = { calls, credit: creditBytes, message: messageBytes }
    const own = { name: protocolName, version: protocolVersion }
    this.send(encodeMessage('ready', 0, { protocol: own, limits, silence: this.#context.silence }))
  }

  #credit(message: Message): void {
    const { bytes } = parsed(creditSchema, jsonOf(message), malformed)
    // The last of it may cross the end of its subscription.
    const call = this.#calls.get(message.id)
    if (call instanceof ServedSubscription) call.credit(bytes)
  }

  #claim(id: number): void {
    const { calls } = this.#context.limits
    if (id >= calls) throw malformed(`call ${id}, of at most ${calls} at one time`)
    if (this.#calls.has(id)) throw malformed(`call ${id} is under way`)
  }

  #subscribe(message: Message): void {
    const { id } = message
    const body = parsed(subscribeSchema, jsonOf(message), malformed)
    if (this.#state === 'leaving') return void this.#tell(id, leaving())
    const { remote, limits, form, messages } = this.#context
    const { after, count, bytes } = body
    try {
      const want = { count, bytes, ...filterOf(body.filter, form) }
      const credit = Math.min(body.credit, limits.creditBytes)
      const subscription = new ServedSubscription(this, { id, after, want, credit, messages })
      // First, because it may be over before it has well begun.
      this.#calls.set(id, subscription)
      subscription.begin(remote)
    } catch (error) {
      this.over(id, error)
    }
  }

  #answer(id: number, work: Work): void {
    if (this.#state === 'leaving') return void this.#tell(id, leaving())
    const end = new AbortController()
    const served = { cancel: (reason: Error) => end.abort(reason) }
    this.#calls.set(id, served)
    untilAborted(
      end.signal,
      this.#room().then(() => work(end.signal)),
    ).then(
      (answer) => this.#finish(id, served, () => this.send(answer)),
      (error) => this.#finish(id, served, () => this.#tell(id, error)),
    )
  }

  // After a cancellation somebody else may stand at the number.
  #finish(id: number, served: Served, say: () => void): void {
    if (this.#calls.get(id) !== served) return
    this.#calls.delete(id)
    say()
    this.#endIfDone()
  }

  #cancel(id: number): void {
    const call = this.#calls.get(id)
    // Its answer is on its way.
    if (call === undefined) return
    call.cancel(lost())
    this.over(id)
  }

  async #room(): Promise<void> {
    while (this.#state !== 'over' && !this.hasRoom)
      await new Promise<void>((resolve) => {
        this.#waiting ??= []
        this.#waiting.push(resolve)
      })
  }

  #wake(): void {
    for (const go of this.#waiting?.splice(0) ?? []) go()
  }

  #tell(id: number, error: unknown): void {
    const { status, ...said } = told(error)
    const { logger } = this.#context
    if (status === 500) logger.error('a call failed', { error })
    if (status === 503) logger.warn('a call must wait', { error })
    this.send(encodeMessage('error', id, said))
  }

  #fail(error: unknown): void {
    const isTheirs = error instanceof RejoinError && error.code === 'invalid_frame'
    if (isTheirs) return void this.#end(closeCodes.malformed, error.message)
    this.#context.logger.error('a connection failed', { error })
    this.#end(closeCodes.failed, 'the server failed; its log says why')
  }

  #endIfDone(): void {
    if (this.#state !== 'leaving' || this.#calls.size > 0) return
    this.#end(closeCodes.leaving, 'the server is shutting down')
  }

  #end(code: number, reason: string): void {
    if (this.#state === 'over') return
    this.#socket.close(code, closeReason(reason))
    this.gone()
  }
}

interface Served {
  cancel(reason: Error): void
}

function lost(): RejoinError {
  return new RejoinError('network', 'the client went away', serving)
}

function leaving(): RejoinError {
  return new RejoinError('closed', 'the server is shutting down', serving)
}

const serving = { operation: 'serve', component: 'transport/websocket' }
/** Bytes that every socket may hold: most messages are gone before they could be counted. */
const uncounted = 16 * 1024
