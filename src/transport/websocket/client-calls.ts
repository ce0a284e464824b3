import type {
  ChangePage,
  Hello,
  PullWant,
  PushAnswer,
  PushBatch,
  Welcome,
} from '../../contracts/index.ts'
import type { Cursor } from '../../version/index.ts'
import type { ChangeForm, Sized } from '../remote/index.ts'
import { pageText } from '../remote/page.ts'
import {
  fetchEndSchema,
  helloBody,
  pageEndSchema,
  protocolSchema,
  pushAnswerSchema,
  welcomeSchema,
} from '../remote/wire.ts'
import type { Channel } from './channel.ts'
import { notOurs } from './failure.ts'
import type { Message } from './message.ts'
import { type AnswerContext, readJson, readPage } from './read-answer.ts'
import type { Kind } from './wire.ts'

/** What one call says, and how its answer is read. */
export interface ClientCall<T, C extends Sized> {
  readonly operation: 'hello' | 'push' | 'pull'
  readonly kind: Kind
  readonly body: () => string | object
  readonly read: (message: Message, context: AnswerContext<C>) => T
}

export function helloCall<C extends Sized>(mine: Hello): ClientCall<Welcome, C> {
  return {
    operation: 'hello',
    kind: 'hello',
    body: () => helloBody(mine),
    read(message, context) {
      readJson(message, protocolSchema, context)
      return readJson(message, welcomeSchema, context)
    },
  }
}

export function pushCall<C extends Sized>(
  batch: PushBatch<C>,
  form: ChangeForm<C>,
): ClientCall<PushAnswer, C> {
  const { origin, changes, cursor, expects } = batch
  return {
    operation: 'push',
    kind: 'push',
    body: () => pageText(form, changes, { origin, cursor, expects }),
    read(message, context) {
      const pushed = readJson(message, pushAnswerSchema, context)
      if (pushed.kind === 'applied' && pushed.receipts.length !== changes.length)
        throw notOurs(
          context,
          `${pushed.receipts.length} receipts for ${changes.length} ${form.plural}`,
        )
      return pushed
    },
  }
}

export function pullCall<C extends Sized>(
  after: Cursor,
  want: PullWant<C>,
): ClientCall<ChangePage<C>, C> {
  const { ids, count, bytes, notVia } = want
  const filter = want.filter && { filter: want.filter.there.text }
  if (ids !== undefined)
    return {
      operation: 'pull',
      kind: 'fetch',
      body: () => ({ ids, bytes, ...filter }),
      read(message, context) {
        const { changes, end } = readPage(message, fetchEndSchema, context)
        return { kind: 'page', changes, cursor: after, more: end.more }
      },
    }
  return {
    operation: 'pull',
    kind: 'pull',
    body: () => ({ after, count, bytes, ...(notVia && { notVia }), ...filter }),
    read: changePage,
  }
}

/** A page, or the reset in its place. */
export function changePage<C extends Sized>(
  message: Message,
  context: AnswerContext<C>,
): ChangePage<C> {
  const { changes, end } = readPage(message, pageEndSchema, context)
  return 'reset' in end ? { kind: 'reset' } : { kind: 'page', changes, ...end }
}

/** Makes a call; its answer is read when it has come. */
export function callOn<T, C extends Sized>(
  channel: Channel,
  call: ClientCall<T, C>,
  context: AnswerContext<C>,
  signal: AbortSignal,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      channel.abandon(id, answered)
      reject(signal.reason)
    }
    const answered = {
      isStream: false,
      take(message: Message) {
        signal.removeEventListener('abort', stop)
        try {
          resolve(call.read(message, context))
        } catch (error) {
          reject(error)
        }
      },
      failed(error: unknown) {
        signal.removeEventListener('abort', stop)
        reject(error)
      },
    }
    const id = channel.begin(call.kind, call.body(), answered)
    signal.addEventListener('abort', stop, { once: true })
  })
}
