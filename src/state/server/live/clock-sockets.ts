import type { Runtime, Timer } from '../../../runtime/index.ts'
import type { PeerSocket } from '../../../transport/websocket/peer-socket.ts'
import type { StatePeer } from './state-peer.ts'

/**
 * Who wants to know what time it is here: the current nanoseconds in digits, about every second. In binary
 * messages, because ooo's clients read no others.
 */
export class ClockSockets {
  readonly #runtime: Pick<Runtime, 'now' | 'timer'>
  readonly #silence: number
  readonly #open = new Map<PeerSocket, { quiet: number }>()
  #timer: Timer | undefined

  constructor(runtime: Pick<Runtime, 'now' | 'timer'>, silence: number) {
    this.#runtime = runtime
    this.#silence = silence
  }

  get size(): number {
    return this.#open.size
  }

  accept(socket: PeerSocket): StatePeer {
    const own = { quiet: 0 }
    this.#open.set(socket, own)
    this.#tell(socket)
    this.#timer ??= this.#next()
    const gone = () => void this.#open.delete(socket)
    return {
      heard: () => {
        own.quiet = 0
      },
      gone,
      leave: () => {
        if (this.#open.has(socket)) socket.close(1001, leaving)
        gone()
      },
    }
  }

  close(): void {
    this.#timer?.cancel()
    for (const socket of [...this.#open.keys()]) {
      this.#open.delete(socket)
      socket.close(1001, leaving)
    }
  }

  #next(): Timer | undefined {
    if (this.#open.size === 0) return undefined
    return this.#runtime.timer(second, () => {
      for (const [socket, own] of [...this.#open]) {
        own.quiet += second
        if (own.quiet > this.#silence) {
          this.#open.delete(socket)
          socket.terminate()
        } else this.#tell(socket)
        if (own.quiet % pings === 0) socket.ping()
      }
      this.#timer = this.#next()
    })
  }

  #tell(socket: PeerSocket): void {
    // The last one still waits: nobody needs two times.
    if (socket.bufferedAmount > 0) return
    const now = BigInt(Math.floor(this.#runtime.now())) * 1_000_000n
    socket.send(encoder.encode(`${now}`), () => {})
  }
}

const encoder = new TextEncoder()
const leaving = 'the server is shutting down'
const second = 1_000
const pings = 60_000
