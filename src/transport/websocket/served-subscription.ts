import type { ChangePage, LiveWant } from '../../contracts/index.ts'
import type { Cursor } from '../../version/index.ts'
import type { Follower, Following, Remote, Sized } from '../remote/index.ts'
import { malformed } from './message.ts'
import type { PageMessages } from './page-message.ts'

/** The connection, as a subscription sees it. */
export interface Outlet {
  /** Its socket takes more. */
  readonly hasRoom: boolean
  send(message: Uint8Array<ArrayBuffer>): void
  /** The log was reset, or failed: nothing more comes. */
  over(id: number, error?: unknown): void
}

export interface Subscribing<C extends Sized> {
  readonly id: number
  readonly after: Cursor
  readonly want: LiveWant<C>
  /** Bytes that may be sent and not taken. */
  readonly credit: number
  readonly messages: PageMessages<C>
}

/**
 * One reader of a log over a connection. A page is sent only while there is credit and the socket takes
 * more; otherwise it is refused, and the reader goes on from its cursor when there is both again.
 */
export class ServedSubscription<C extends Sized> implements Follower<C> {
  readonly after: Cursor
  readonly want: LiveWant<C>
  readonly #outlet: Outlet
  readonly #id: number
  readonly #credit: number
  readonly #messages: PageMessages<C>
  /** Behind what the reader was sent. */
  #cursor: Cursor
  #following: Following | undefined
  #untaken = 0

  constructor(outlet: Outlet, { id, after, want, credit, messages }: Subscribing<C>) {
    this.after = after
    this.#cursor = after
    this.want = want
    this.#outlet = outlet
    this.#id = id
    this.#credit = credit
    this.#messages = messages
  }

  begin(remote: Remote<C>): void {
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

  /**
   * Sends what has been committed until now, as far as there is credit, and then no more: what was acknowledged last
   * is not to be left on a server that stops.
   */
  async finish(remote: Pick<Remote<C>, 'pull'>): Promise<void> {
    this.cancel()
    for (;;) {
      const page = await remote.pull(this.#cursor, this.want)
      if (page.kind === 'reset' || page.changes.length === 0) return
      if (!this.deliver(page) || !page.more) return
    }
  }

  deliver(page: ChangePage<C>): boolean {
    const isReset = page.kind === 'reset'
    if (!isReset && (this.#untaken >= this.#credit || !this.#outlet.hasRoom)) return false
    const message = this.#messages.shared(page, this.#id)
    this.#untaken += message.byteLength
    this.#outlet.send(message)
    if (isReset) this.#outlet.over(this.#id)
    else this.#cursor = page.cursor
    return true
  }

  failed(error: unknown): void {
    this.#outlet.over(this.#id, error)
  }
}
