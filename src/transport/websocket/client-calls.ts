import type {
  ChangePage,
  Hello,
  PullWant,
  PushAnswer,
  PushBatch,
  Welcome,
} from '../../contracts/index.ts'
import type { LogEvent } from '../../event/index.ts'
import type { Cursor } from '../../version/index.ts'
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
export interface ClientCall<T> {
  readonly operation: 'hello' | 'push' | 'pull'
  readonly kind: Kind
  readonly body: () => string | object
  readonly read: (message: Message, context: AnswerContext) => T
}

export function helloCall(mine: Hello): ClientCall<Welcome> {
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

export function pushCall(batch: PushBatch<LogEvent>): ClientCall<PushAnswer> {
  const { origin, changes, cursor, expects } = batch
  return {
    operation: 'push',
    kind: 'push',
    body: () => pageText(changes, { origin, cursor, expects }),
    read(message, context) {
      const pushed = readJson(message, pushAnswerSchema, context)
      if (pushed.kind === 'applied' && pushed.receipts.length !== changes.length)
        throw notOurs(context, `${pushed.receipts.length} receipts for ${changes.length} events`)
      return pushed
    },
  }
}

export function pullCall(after: Cursor, want: PullWant): ClientCall<ChangePage<LogEvent>> {
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
export function changePage(message: Message, context: AnswerContext): ChangePage<LogEvent> {
  const { changes, end } = readPage(message, pageEndSchema, context)
  return 'reset' in end ? { kind: 'reset' } : { kind: 'page', changes, ...end }
}

/** Makes a call; its answer is read when it has come. */
export function callOn<T>(
  channel: Channel,
  call: ClientCall<T>,
  context: AnswerContext,
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
