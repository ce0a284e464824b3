import type { Runtime } from '../../../runtime/index.ts'
import type { PeerSocket } from '../../../transport/websocket/peer-socket.ts'
import type { Holder, Unsent } from '../../../transport/websocket/unsent.ts'
import type { Position } from '../../../version/index.ts'
import type { Member } from './channel.ts'
import type { Held } from './channels.ts'
import type { Message } from './message.ts'
import type { StatePeer } from './state-peer.ts'

export interface SubscriberContext {
  readonly runtime: Pick<Runtime, 'monotonic'>
  /** Bytes handed to the system and not sent: beyond it a subscriber gets no more until they are gone. */
  readonly unsentBytes: number
  readonly unsent: Unsent
  readonly gone: (subscriber: Subscriber) => void
}

/**
 * One subscriber's end of a channel. Who reads too slowly is passed over, gets what stands there when the
 * rest is gone, and is dropped when it never is.
 */
export class Subscriber implements Member, StatePeer, Holder {
  readonly #context: SubscriberContext
  readonly #socket: PeerSocket
  readonly #held: Held
  /** Of the last message: what comes with an earlier position is in it. */
  #position = 0n as Position
  #heardAt: number
  #behindSince: number | undefined
  #isOver = false

  constructor(context: SubscriberContext, socket: PeerSocket, held: Held) {
    this.#context = context
    this.#socket = socket
    this.#held = held
    this.#heardAt = context.runtime.monotonic()
  }

  /** Takes its place, with a snapshot unless its client has all that is there. */
  start(): void {
    const { channel, since } = this.#held
    channel.join(this)
    // Something may have changed since it was asked.
    if (since !== undefined && channel.changedAt <= since) this.#position = since
    else this.#send(channel.snapshot)
  }

  get held(): number {
    return this.#isOver ? 0 : this.#socket.bufferedAmount
  }

  deliver(message: Message): void {
    if (this.#behindSince !== undefined || message.position <= this.#position) return
    if (this.held < this.#context.unsentBytes) this.#send(message)
    else this.#behindSince = this.#context.runtime.monotonic()
  }

  heard(): void {
    this.#heardAt = this.#context.runtime.monotonic()
  }

  gone(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#held.channel.leave(this)
    this.#held.release()
    this.#context.unsent.forget(this)
    this.#context.gone(this)
  }

  leave(): void {
    if (!this.#isOver) this.#socket.close(1001, 'the server is shutting down')
    this.gone()
  }

  drop(): void {
    this.#socket.terminate()
    this.gone()
  }

  /** Asks for a sign of life, or gives up who has given none, or who has been behind for too long. */
  look(
    now: number,
    { silence, stall }: { readonly silence: number; readonly stall: number },
  ): void {
    const isStuck = this.#behindSince !== undefined && now - this.#behindSince > stall
    if (isStuck || now - this.#heardAt > silence) this.drop()
    else this.#socket.ping()
  }

  #send(message: Message): void {
    this.#position = message.position
    this.#socket.send(message.bytes, this.#sent)
    this.#context.unsent.update(this)
  }

  readonly #sent = () => {
    if (this.#isOver) return
    this.#context.unsent.update(this)
    if (this.#behindSince === undefined || this.held > 0) return
    this.#behindSince = undefined
    this.#send(this.#held.channel.snapshot)
  }
}
