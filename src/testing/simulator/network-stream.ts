import { RejoinError } from '../../errors/index.ts'
import type { Fence } from './fence.ts'
import type { Passage } from './network-call.ts'

/*
 *   reader ── subscribe ──► target   lost, or nobody there: it never begins
 *          ◄── 1 ── 2 ── 3 ──        in order, each once; one that is lost breaks the connection
 *          ── hang up ──► target     which reads on for nobody until it hears of it
 */

export interface NetworkStreamOptions<T> extends Passage {
  /** Begins the stream at its target; `undefined` when nobody is there. */
  readonly open: (signal: AbortSignal) => OpenStream<T> | undefined
}

export interface OpenStream<T> {
  readonly pages: AsyncIterator<T>
  /** The life of the target that sends. */
  readonly fence: Fence | undefined
}

/** One stream over the network: a window of pages is under way, the next one is read when one is taken. */
export class NetworkStream<T> {
  readonly #options: NetworkStreamOptions<T>
  readonly #sending = new AbortController()
  readonly #arrived = new Map<number, Message<T>>()
  #sent = 0
  #taken = 0
  #waiting: PromiseWithResolvers<Message<T>> | undefined
  #room: PromiseWithResolvers<void> | undefined
  #broken: Message<T> | undefined

  constructor(options: NetworkStreamOptions<T>) {
    this.#options = options
  }

  /** Rejects with the signal's reason, `network` or `timeout`, and whatever the target rejects with. */
  async *pages(signal: AbortSignal): AsyncGenerator<T, void> {
    const { from, scheduler, patience, label } = this.#options
    signal.throwIfAborted()
    const abort = () => this.#break(() => signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    // A target whose reader dies reads on for a while, for nobody.
    const forget = from.fence.onDrop(() => scheduler.after(patience, `${label} ends`, this.#stop))
    const late = () => this.#break(() => failure('timeout', label, 'no page came'))
    const timer = scheduler.after(patience, `${label} timeout`, late)
    this.#begin()
    try {
      for (;;) {
        const message = await from.fence.hold(this.#next())
        timer.cancel()
        if (message.kind === 'error') throw message.error()
        if (message.kind === 'end') return
        yield message.page
      }
    } finally {
      timer.cancel()
      forget()
      signal.removeEventListener('abort', abort)
      this.#hangUp()
    }
  }

  #begin(): void {
    const { there, back, label, open } = this.#options
    const arrived = () => {
      const stream = this.#sending.signal.aborted ? undefined : open(this.#sending.signal)
      if (stream !== undefined) return void this.#send(stream)
      const nobody = () => this.#break(() => failure('network', label, 'nobody is there'))
      back.send(`${label} refused`, nobody, () => this.#lost())
    }
    there.send(label, arrived, () => this.#lost())
  }

  async #send({ pages, fence }: OpenStream<T>): Promise<void> {
    const forget = fence?.onDrop(() => this.#lost())
    try {
      while (!this.#sending.signal.aborted) {
        if (this.#sent - this.#taken >= window) await this.#hasRoom()
        const { done, value } = await pages.next()
        this.#post(done ? { kind: 'end' } : { kind: 'page', page: value })
        if (done) return
      }
    } catch (error) {
      if (!this.#sending.signal.aborted) this.#post({ kind: 'error', error: () => error })
    } finally {
      forget?.()
      // Not awaited: a page that is being read may never come.
      pages.return?.().catch(() => {})
    }
  }

  #hasRoom(): Promise<void> {
    this.#options.counts.waitingPages++
    this.#room = Promise.withResolvers()
    return this.#room.promise
  }

  #post(message: Message<T>): void {
    const { back, label } = this.#options
    const number = this.#sent++
    const arrived = () => {
      this.#arrived.set(number, message)
      this.#deliver()
    }
    back.send(`${label} ${message.kind}`, arrived, () => this.#lost())
  }

  #next(): Promise<Message<T>> {
    this.#waiting = Promise.withResolvers()
    const { promise } = this.#waiting
    this.#deliver()
    return promise
  }

  #deliver(): void {
    const message = this.#arrived.get(this.#taken) ?? this.#broken
    if (this.#waiting === undefined || message === undefined) return
    this.#arrived.delete(this.#taken)
    if (message !== this.#broken) this.#taken++
    if (message.kind === 'page') this.#options.counts.livePages++
    this.#waiting.resolve(message)
    this.#waiting = undefined
    this.#room?.resolve()
    this.#room = undefined
  }

  /** Noticed at once, or when nothing has come for too long. */
  #lost(): void {
    if (this.#broken !== undefined || this.#sending.signal.aborted) return
    const { there, label, scheduler, patience, counts, trace } = this.#options
    counts.brokenStreams++
    trace.note(`${label}: the stream is cut off`)
    this.#stop()
    const broken = () => this.#break(() => failure('network', label, 'the connection broke'))
    scheduler.after(there.drawNotice() ? 0 : patience, `${label} broken`, broken)
  }

  #break(error: () => unknown): void {
    this.#broken ??= { kind: 'error', error }
    this.#deliver()
  }

  #hangUp(): void {
    const { there, label } = this.#options
    if (!this.#sending.signal.aborted) there.send(`${label} hangs up`, this.#stop, this.#stop)
  }

  readonly #stop = () => {
    this.#sending.abort(failure('network', this.#options.label, 'the reader is gone'))
    this.#room?.resolve()
  }
}

type Message<T> =
  | { readonly kind: 'page'; readonly page: T }
  | { readonly kind: 'end' }
  | { readonly kind: 'error'; readonly error: () => unknown }

function failure(code: 'network' | 'timeout', operation: string, message: string): RejoinError {
  return new RejoinError(code, message, { operation, component: 'simulator' })
}

/** Pages on their way, or not yet taken. */
const window = 3
