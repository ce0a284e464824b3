import { RejoinError } from '../../errors/index.ts'
import { decodeFrames, filterFrom } from '../../event/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import { start } from '../../version/index.ts'
import type { Remote } from '../remote/index.ts'
import { acceptable, inPlace, pageText } from '../remote/page.ts'
import { parsed } from '../remote/parsed.ts'
import {
  helloSchema,
  originSchema,
  pushAnswerBody,
  pushEndSchema,
  welcomeBody,
} from '../remote/wire.ts'
import type { SocketLimits } from './limits.ts'
import { encodeMessage, jsonOf, type Message, malformed, textOf } from './message.ts'
import { pageMessage } from './page-message.ts'
import { fetchSchema, pullSchema } from './wire.ts'

export interface ServedContext {
  readonly remote: Remote
  readonly limits: SocketLimits
  readonly runtime: Runtime
}

/** What a call asks for, done: its answer as a message. */
export type Work = (signal: AbortSignal) => Promise<Uint8Array<ArrayBuffer>>

/** Reads a call; throws `invalid_frame` for one that is not in its form, before anything was done. */
export type ReadCall = (context: ServedContext, message: Message) => Work

/** The calls that have one answer. */
export const servedCalls: Readonly<Partial<Record<Message['kind'], ReadCall>>> = {
  hello({ remote }, message) {
    const { you, ...rest } = parsed(helloSchema, jsonOf(message), malformed)
    const mine = { ...rest, ...(you && { you }) }
    return async (signal) =>
      encodeMessage('answer', message.id, welcomeBody(await remote.hello(mine, signal)))
  },

  push({ remote, limits, runtime }, message) {
    const { events, end } = decodeFrames(textOf(message), limits.event, runtime)
    const { origin, cursor, expects } = parsed(pushHead, end, (what) =>
      malformed(`end line: ${what}`),
    )
    return async (signal) => {
      if (events.length > limits.count) throw tooMany(events.length, limits.count)
      const changes = acceptable(events)
      const answer = await remote.push({ origin, changes, cursor, expects }, signal)
      return encodeMessage('answer', message.id, pushAnswerBody(inPlace(events, answer)))
    }
  },

  pull({ remote, runtime }, message) {
    const { after, count, bytes, notVia, filter } = parsed(pullSchema, jsonOf(message), malformed)
    return async (signal) => {
      const want = { count, bytes, ...(notVia && { notVia }), ...filterOf(filter, runtime) }
      return pageMessage(await remote.pull(after, want, signal), message.id)
    }
  },

  fetch({ remote, limits, runtime }, message) {
    const { ids, bytes = limits.bytes, filter } = parsed(fetchSchema, jsonOf(message), malformed)
    return async (signal) => {
      const want = { ids, count: ids.length, bytes, ...filterOf(filter, runtime) }
      const page = await remote.pull(start, want, signal)
      const { changes, more } = page.kind === 'page' ? page : { changes: [], more: false }
      return encodeMessage('page', message.id, pageText(changes, { more }))
    }
  },
}

/** A filter as it came; nothing when there is none. Throws `invalid_argument` for what is none. */
export function filterOf(text: string | undefined, runtime: Runtime) {
  return text === undefined ? {} : { filter: filterFrom(text, runtime, serving) }
}

function tooMany(count: number, limit: number): RejoinError {
  return new RejoinError('too_large', `${count} events in one push, at most ${limit}`, {
    ...serving,
    details: { count, limit },
  })
}

const pushHead = pushEndSchema.extend({ origin: originSchema })
const serving = { operation: 'serve', component: 'transport/websocket' }
