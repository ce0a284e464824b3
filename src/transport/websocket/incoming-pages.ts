import type { ChangePage, LiveWant } from '../../contracts/index.ts'
import type { Cursor } from '../../version/index.ts'
import type { Sized } from '../remote/index.ts'
import type { Answered, Channel } from './channel.ts'
import { changePage } from './client-calls.ts'
import { notOurs } from './failure.ts'
import type { Message } from './message.ts'
import { type AnswerContext, expectKind } from './read-answer.ts'

export interface Subscribing<C extends Sized> {
  readonly after: Cursor
  readonly want: LiveWant<C>
  /** Bytes that the remote may send before they are taken. */
  readonly credit: number
  readonly context: AnswerContext<C>
}

/**
 * The pages of one subscription. They are kept as bytes until they are taken, no more than the credit and
 * one page, and credit is given back as they are: a reader that stands still is sent nothing more.
 */
export class IncomingPages<C extends Sized> implements Answered {
  readonly isStream = true
  readonly #channel: Channel
  readonly #context: AnswerContext<C>
  readonly #credit: number
  readonly #id: number
  readonly #queue: Message[] = []
  #waiting: PromiseWithResolvers<void> | undefined
  #taken = 0
  #end: { readonly error: unknown } | undefined

  constructor(channel: Channel, { after, want, credit, context }: Subscribing<C>) {
    this.#channel = channel
    this.#context = context
    this.#credit = credit
    const { count, bytes, filter } = want
    const shown = filter && { filter: filter.there.text }
    const body = { after, count, bytes, ...shown, credit }
    this.#id = channel.begin('subscribe', body, this)
  }

  /** Rejects when the connection is lost, or the remote says why there is none. Nothing comes after a reset. */
  async next(): Promise<ChangePage<C>> {
    for (;;) {
      const message = this.#queue.shift()
      if (message !== undefined) return this.#read(message)
      if (this.#end !== undefined) throw this.#end.error
      this.#waiting ??= Promise.withResolvers()
      await this.#waiting.promise
    }
  }

  /** Nothing more is wanted. Whoever waits is told `error`. Idempotent. */
  stop(error?: unknown): void {
    this.#queue.length = 0
    this.failed(error)
    this.#channel.abandon(this.#id, this)
  }

  take(message: Message): void {
    if (message.kind !== 'page') return void this.failed(this.#errorIn(message))
    this.#queue.push(message)
    this.#wake()
  }

  failed(error: unknown): void {
    this.#end ??= { error }
    this.#wake()
  }

  #read(message: Message): ChangePage<C> {
    // Late: so many bytes at a time that a page for each of many small writes is not answered with one.
    this.#taken += message.body.byteLength + headBytes
    // Not when it is over: its number may be another's by now.
    if (this.#taken * 4 >= this.#credit && this.#end === undefined) {
      this.#channel.say('credit', this.#id, { bytes: this.#taken })
      this.#taken = 0
    }
    return changePage(message, this.#context)
  }

  #errorIn(message: Message): unknown {
    try {
      expectKind(message, 'page', this.#context)
      return notOurs(this.#context, `${message.kind} in a subscription`)
    } catch (error) {
      return error
    }
  }

  #wake(): void {
    this.#waiting?.resolve()
    this.#waiting = undefined
  }
}

const headBytes = 3
