import { RejoinError } from '../../errors/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import { start } from '../../version/index.ts'
import type { ChangeForm, Remote, Sized } from '../remote/index.ts'
import { acceptable, inPlace, pageText } from '../remote/page.ts'
import { parsed } from '../remote/parsed.ts'
import {
  helloSchema,
  originSchema,
  pushAnswerBody,
  pushEndSchema,
  welcomeBody,
} from '../remote/wire.ts'
import type { ConnectionLimits } from './limits.ts'
import { encodeMessage, jsonOf, type Message, malformed, textOf } from './message.ts'
import type { PageMessages } from './page-message.ts'
import { fetchSchema, pullSchema } from './wire.ts'

export interface ServedContext<C extends Sized> {
  readonly remote: Remote<C>
  readonly form: ChangeForm<C>
  readonly messages: PageMessages<C>
  readonly limits: ConnectionLimits
  readonly runtime: Runtime
}

/** What a call asks for, done: its answer as a message. */
export type Work = (signal: AbortSignal) => Promise<Uint8Array<ArrayBuffer>>

/** Reads a call; throws `invalid_frame` for one that is not in its form, before anything was done. */
export type ReadCall = <C extends Sized>(context: ServedContext<C>, message: Message) => Work

/** The calls that have one answer. */
export const servedCalls: Readonly<Partial<Record<Message['kind'], ReadCall>>> = {
  hello({ remote }, message) {
    const { you, ...rest } = parsed(helloSchema, jsonOf(message), malformed)
    const mine = { ...rest, ...(you && { you }) }
    return async (signal) =>
      encodeMessage('answer', message.id, welcomeBody(await remote.hello(mine, signal)))
  },

  push({ remote, limits, form }, message) {
    const { changes: found, end } = form.decode(textOf(message))
    const { origin, cursor, expects } = parsed(pushHead, end, (what) =>
      malformed(`end line: ${what}`),
    )
    return async (signal) => {
      if (found.length > limits.count) throw tooMany(found.length, limits.count, form.plural)
      const changes = acceptable(found)
      const answer = await remote.push({ origin, changes, cursor, expects }, signal)
      return encodeMessage('answer', message.id, pushAnswerBody(inPlace(found, answer)))
    }
  },

  pull({ remote, form, messages }, message) {
    const { after, count, bytes, notVia, filter } = parsed(pullSchema, jsonOf(message), malformed)
    return async (signal) => {
      const want = { count, bytes, ...(notVia && { notVia }), ...filterOf(filter, form) }
      return messages.one(await remote.pull(after, want, signal), message.id)
    }
  },

  fetch({ remote, limits, form }, message) {
    const { ids, bytes = limits.bytes, filter } = parsed(fetchSchema, jsonOf(message), malformed)
    return async (signal) => {
      const want = { ids, count: ids.length, bytes, ...filterOf(filter, form) }
      const page = await remote.pull(start, want, signal)
      const { changes, more } = page.kind === 'page' ? page : { changes: [], more: false }
      return encodeMessage('page', message.id, pageText(form, changes, { more }))
    }
  },
}

/** A filter as it came; nothing when there is none. Throws `invalid_argument` for what is none. */
export function filterOf<C extends Sized>(text: string | undefined, form: ChangeForm<C>) {
  return text === undefined ? {} : { filter: form.filterFrom(text, serving) }
}

function tooMany(count: number, limit: number, plural: string): RejoinError {
  return new RejoinError('too_large', `${count} ${plural} in one push, at most ${limit}`, {
    ...serving,
    details: { count, limit },
  })
}

const pushHead = pushEndSchema.extend({ origin: originSchema })
const serving = { operation: 'serve', component: 'transport/websocket' }
