import { RejoinError } from '../../errors/index.ts'
import { decodeFrames } from '../../event/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import { start } from '../../version/index.ts'
import type { Remote } from '../remote/index.ts'
import { type Answer, frames, json } from './answer.ts'
import type { Allowance } from './budget.ts'
import type { HttpLimits } from './limits.ts'
import { framesType, jsonType, mediaType } from './media.ts'
import { acceptable, encodePage, receiptsInPlace } from './page.ts'
import { problem } from './problem.ts'
import { fetchQuery, helloQuery, parsed, pullQuery, pushQuery, readQuery } from './query.ts'
import { isForeignEncoding, readRequestText } from './request-body.ts'
import { appliedBody, fetchBodySchema, helloBody, pushEndSchema } from './wire.ts'

/** Answers one request; what it throws becomes an error answer. */
export type Route = (request: Request, url: URL, allowance: Allowance) => Promise<Answer>

/** By path below the base. */
export type Routes = Readonly<Record<string, Methods>>
export type Methods = Readonly<Record<string, Route>>

export interface RouteContext {
  readonly remote: Remote
  readonly limits: HttpLimits
  readonly runtime: Runtime
}

export function nativeRoutes(context: RouteContext): Routes {
  const { remote } = context
  return {
    hello: {
      async GET(request, url) {
        const { origin } = readQuery(helloQuery, url)
        return json(200, helloBody(await remote.hello(origin, request.signal)))
      },
    },
    events: {
      async GET(request, url) {
        const { after, count, bytes, 'not-via': notVia } = readQuery(pullQuery, url)
        const want = { count, bytes, ...(notVia && { notVia }) }
        const page = await remote.pull(after, want, request.signal)
        if (page.kind === 'reset') return frames(encodePage([], { reset: true }))
        return frames(encodePage(page.changes, { cursor: page.cursor, more: page.more }))
      },
      POST: (request, url, allowance) => push(context, request, url, allowance),
    },
    'events/fetch': {
      POST: (request, url, allowance) => fetchByIds(context, request, url, allowance),
    },
  }
}

async function push(
  { remote, limits, runtime }: RouteContext,
  request: Request,
  url: URL,
  allowance: Allowance,
): Promise<Answer> {
  const { origin } = readQuery(pushQuery, url)
  const refusal = unreadable(request, framesType)
  if (refusal) return refusal
  const text = await readRequestText(request, { limits, runtime, allowance })
  const { events, end } = decodeFrames(text, limits.event, runtime)
  const { cursor, expects } = parsed(pushEndSchema, end, (what) => broken(`end line: ${what}`))
  if (events.length > limits.count) throw tooMany(events.length, limits.count)
  const changes = acceptable(events)
  const applied = await remote.push({ origin, changes, cursor, expects }, request.signal)
  if (applied.kind === 'reset') return json(200, applied)
  return json(200, appliedBody({ ...applied, receipts: receiptsInPlace(events, applied.receipts) }))
}

async function fetchByIds(
  { remote, limits, runtime }: RouteContext,
  request: Request,
  url: URL,
  allowance: Allowance,
): Promise<Answer> {
  readQuery(fetchQuery, url)
  const refusal = unreadable(request, jsonType)
  if (refusal) return refusal
  const text = await readRequestText(request, { limits, runtime, allowance })
  const asked = parsed(fetchBodySchema, jsonOf(text), (what) => broken(`body: ${what}`))
  const { ids, bytes = limits.bytes } = asked
  const want = { ids, count: ids.length, bytes }
  const page = await remote.pull(start, want, request.signal)
  const { changes, more } = page.kind === 'page' ? page : { changes: [], more: false }
  return frames(encodePage(changes, { more }))
}

/** The answer to a body that is not of the kind this route reads. */
function unreadable(request: Request, type: string): Answer | undefined {
  const unsupported = (what: string) =>
    problem(415, { code: 'invalid_argument', message: `${what} is not supported here` })
  if (isForeignEncoding(request.headers)) return unsupported('this content encoding (only gzip is)')
  // Named exactly: a web page elsewhere can't send these types without asking first.
  if (mediaType(request.headers) !== type) return unsupported(`a content type other than ${type}`)
  return undefined
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw broken('the body is not JSON', cause)
  }
}

function tooMany(count: number, limit: number): RejoinError {
  return new RejoinError('too_large', `${count} events in one push, at most ${limit}`, {
    operation: 'serve',
    component: 'transport/http',
    details: { count, limit },
  })
}

function broken(message: string, cause?: unknown): RejoinError {
  return new RejoinError('invalid_frame', message, {
    operation: 'serve',
    component: 'transport/http',
    cause,
  })
}
