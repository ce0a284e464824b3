import type { ChangePage, LiveWant } from '../../contracts/index.ts'
import type { LogEvent } from '../../event/index.ts'
import type { Cursor } from '../../version/index.ts'
import type { Follower, Following, Remote } from '../remote/index.ts'
import { malformed } from './message.ts'
import { sharedPageMessage } from './page-message.ts'

/** The connection, as a subscription sees it. */
export interface Outlet {
  /** Its socket takes more. */
  readonly hasRoom: boolean
  send(message: Uint8Array<ArrayBuffer>): void
  /** The log was reset, or failed: nothing more comes. */
  over(id: number, error?: unknown): void
}

export interface Subscribing {
  readonly id: number
  readonly after: Cursor
  readonly want: LiveWant
  /** Bytes that may be sent and not taken. */
  readonly credit: number
}

/**
 * One reader of a log over a connection. A page is sent only while there is credit and the socket takes
 * more; otherwise it is refused, and the reader goes on from its cursor when there is both again.
 */
export class ServedSubscription implements Follower {
  readonly after: Cursor
  readonly want: LiveWant
  readonly #outlet: Outlet
  readonly #id: number
  readonly #credit: number
  #following: Following | undefined
  #untaken = 0

  constructor(outlet: Outlet, { id, after, want, credit }: Subscribing) {
    this.after = after
    this.want = want
    this.#outlet = outlet
    this.#id = id
    this.#credit = credit
  }

  begin(remote: Remote): void {
    this.#following = remote.join(this)
  }

  /** The reader has taken so many bytes; throws `invalid_frame` when it was never sent as many. */
  credit(bytes: number): void {
    if (bytes > this.#untaken)
      throw malformed(`a credit of ${bytes} bytes, of which only ${this.#untaken} were sent`)
    this.#untaken -= bytes
    this.resume()
  }

  resume(): void {
    this.#following?.resume()
  }

  cancel(): void {
    this.#following?.leave()
  }

  deliver(page: ChangePage<LogEvent>): boolean {
    const isReset = page.kind === 'reset'
    if (!isReset && (this.#untaken >= this.#credit || !this.#outlet.hasRoom)) return false
    const message = sharedPageMessage(page, this.#id)
    this.#untaken += message.byteLength
    this.#outlet.send(message)
    if (isReset) this.#outlet.over(this.#id)
    return true
  }

  failed(error: unknown): void {
    this.#outlet.over(this.#id, error)
  }
}
