import type { ChangePage } from '../../contracts/index.ts'
import { RejoinError } from '../../errors/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import { start } from '../../version/index.ts'
import type { ChangeForm, Sized } from '../remote/index.ts'
import { acceptable, encodePage, inPlace } from '../remote/page.ts'
import { parsed } from '../remote/parsed.ts'
import {
  fetchBodySchema,
  helloSchema,
  pullBodySchema,
  pushAnswerBody,
  pushEndSchema,
  welcomeBody,
} from '../remote/wire.ts'
import { type Answer, frames, json } from './answer.ts'
import { wantsEventStream } from './event-stream.ts'
import type { TransferLimits } from './limits.ts'
import { framesType } from './media.ts'
import { nativeStream, type StreamContext } from './native-stream.ts'
import { helloQuery, noQuery, pullQuery, pushQuery, readQuery, streamQuery } from './query.ts'
import { broken, readJsonBody, readTextBody } from './request-body.ts'
import type { Call, Routes } from './route.ts'

/*
 * The native protocol over HTTP, version 1. Every path stands under a base, by default /sync. What is `events`
 * here is `changes` for state, and their frames are others.
 *
 *   GET  hello?origin=O                    who answers, how far its log goes, what it knows of O
 *   POST hello  {"origin":O,"you":{"origin","received","pulled","sequence","ids"},"rules"?:H}
 *                                          the same, once it has heard what O knows of it
 *   GET  events?after=C&count=N&bytes=N&not-via=O
 *                                          -> frames, {"end":{"cursor":C,"more":bool,"leftOut"?:{…}}} or {"end":{"reset":true}}
 *   POST events/pull  {"after":C,"count":N,"bytes":N,"notVia"?:O,"filter":F}
 *                                          the same, of what a filter shows; F is the filter's JSON as a string
 *   GET  events?after=C&count=N&bytes=N&filter=F   with Accept: text/event-stream (a POST events/pull as well)
 *                                          -> a page a message, id: C, for as long as it is read; event: reset
 *   POST events/fetch  {"ids":[…],"bytes"?:N,"filter"?:F}
 *                                          -> frames of those that are here, {"end":{"more":bool}}
 *   POST events?origin=O  frames, {"end":{"cursor":C,"expects":C}}
 *                                          -> {"kind":"applied","receipts":[…]} or {"kind":"reset","standing"?:{"origin","you"}}
 *
 * An answer other than 200 has {"error":{"code","message","retryable","details"?}}.
 */

export interface NativeContext<C extends Sized> extends StreamContext<C> {
  readonly form: ChangeForm<C>
  readonly limits: TransferLimits
  readonly runtime: Runtime
}

/** The native protocol over HTTP. */
export function nativeRoutes<C extends Sized>(context: NativeContext<C>): Routes {
  const { remote, form } = context
  return {
    hello: {
      async GET({ request, url }) {
        const { origin } = readQuery(helloQuery, url)
        const mine = origin === undefined ? undefined : { origin }
        return json(200, welcomeBody(await remote.hello(mine, request.signal)))
      },
      // Another method, because it may change something: the log may find out that it is a copy.
      async POST(call) {
        readQuery(noQuery, call.url)
        const { origin, you, rules } = await readJsonBody(call, context, helloSchema)
        const mine = { origin, ...(you && { you }), ...(rules && { rules }) }
        return json(200, welcomeBody(await remote.hello(mine, call.request.signal)))
      },
    },
    [form.plural]: {
      async GET({ request, url }) {
        if (wantsEventStream(request)) return live(context, request, url)
        const { after, count, bytes, 'not-via': notVia } = readQuery(pullQuery, url)
        const want = { count, bytes, ...(notVia && { notVia }) }
        return pageOf(form, await remote.pull(after, want, request.signal))
      },
      POST: (call) => push(context, call),
    },
    // Another way than GET, because a filter can be longer than an address may be.
    [`${form.plural}/pull`]: {
      async POST(call) {
        readQuery(noQuery, call.url)
        const body = await readJsonBody(call, context, pullBodySchema)
        const { after, count, bytes, notVia } = body
        const filter = form.filterFrom(body.filter, serving)
        if (wantsEventStream(call.request)) {
          if (notVia !== undefined) throw broken('notVia: a stream leaves out nothing')
          return nativeStream(context, call.request, after, { count, bytes, filter })
        }
        const want = { count, bytes, filter, ...(notVia && { notVia }) }
        return pageOf(form, await remote.pull(after, want, call.request.signal))
      },
    },
    [`${form.plural}/fetch`]: {
      POST: (call) => fetchByIds(context, call),
    },
  }
}

function live<C extends Sized>(context: NativeContext<C>, request: Request, url: URL): Response {
  const { after, count, bytes, filter } = readQuery(streamQuery, url)
  const shown = filter && { filter: context.form.filterFrom(filter, serving) }
  return nativeStream(context, request, after, { count, bytes, ...shown })
}

function pageOf<C extends Sized>(form: ChangeForm<C>, page: ChangePage<C>): Answer {
  if (page.kind === 'reset') return frames(encodePage(form, [], { reset: true }))
  const { changes, cursor, more, leftOut } = page
  return frames(encodePage(form, changes, { cursor, more, ...(leftOut && { leftOut }) }))
}

async function push<C extends Sized>(context: NativeContext<C>, call: Call): Promise<Answer> {
  const { remote, limits, form } = context
  const { origin } = readQuery(pushQuery, call.url)
  const text = await readTextBody(call, context, framesType)
  const { changes: found, end } = form.decode(text)
  const { cursor, expects } = parsed(pushEndSchema, end, (what) => broken(`end line: ${what}`))
  if (found.length > limits.count) throw tooMany(found.length, limits.count, form.plural)
  const changes = acceptable(found)
  const answer = await remote.push({ origin, changes, cursor, expects }, call.request.signal)
  return json(200, pushAnswerBody(inPlace(found, answer)))
}

async function fetchByIds<C extends Sized>(context: NativeContext<C>, call: Call): Promise<Answer> {
  readQuery(noQuery, call.url)
  const body = await readJsonBody(call, context, fetchBodySchema)
  const { ids, bytes = context.limits.bytes } = body
  const filter =
    body.filter === undefined ? {} : { filter: context.form.filterFrom(body.filter, serving) }
  const want = { ids, count: ids.length, bytes, ...filter }
  const page = await context.remote.pull(start, want, call.request.signal)
  const { changes, more } = page.kind === 'page' ? page : { changes: [], more: false }
  return frames(encodePage(context.form, changes, { more }))
}

function tooMany(count: number, limit: number, plural: string): RejoinError {
  return new RejoinError('too_large', `${count} ${plural} in one push, at most ${limit}`, {
    operation: 'serve',
    component: 'transport/http',
    details: { count, limit },
  })
}

const serving = { operation: 'serve', component: 'transport/http' }
