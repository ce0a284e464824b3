import { RejoinError } from '../../../errors/index.ts'
import {
  type Cursor,
  encodeWireCursor,
  type Position,
  parseCursor,
  parseWireCursor,
} from '../../../version/index.ts'
import { liveTailOf } from '../../remote/index.ts'
import type { Answer } from '../answer.ts'
import { signOfLife } from '../event-stream.ts'
import { streamHeaders } from '../live-streams.ts'
import type { Route } from '../route.ts'
import type { CompatContext } from './context.ts'
import { type VisiblePage, visiblePage } from './visible-page.ts'

/**
 * `GET sse?cursor=<cursor>`: the events after a cursor, or all of them, then each as it is committed, in
 * messages of at most 100. go-sync-kit's client reads only the lines that begin with `data: `: it passes over
 * ids, comments, and the message that says that this log is not the one the cursor was read from.
 */
export function streamRoute(context: CompatContext): Route {
  const { log, streams } = context
  const pages = new WeakMap<object, Uint8Array<ArrayBuffer>>()
  const tail = liveTailOf(log)

  // One function for all who follow: those at one position share what it reads.
  const reading = async (after: Cursor, signal: AbortSignal) => {
    const wanted = { after: BigInt(after) as Position, count: mostInMessage }
    const found = await visiblePage(context, wanted, signal)
    const cursor = String(found.scanned) as Cursor
    const page = { kind: 'page', changes: [], cursor, more: found.more } as const
    pages.set(page, encoded(found))
    return page
  }

  return async ({ request, url }) => {
    const after = startOf(request, url)
    if (typeof after !== 'bigint') return after
    const { end } = await log.identity(request.signal)
    if (after > (parseCursor(end)?.position ?? 0n))
      return new Response(reset, { status: 200, headers: streamHeaders })
    return streams.answer(request, {
      join: (reader) => tail.joinReading(reading, { after: String(after) as Cursor, ...reader }),
      encode: (page) => pages.get(page) ?? signOfLife,
    })
  }
}

function startOf(request: Request, url: URL): bigint | Answer {
  // Where an EventSource comes back, it says so beside the address that it began with.
  const last = request.headers.get('last-event-id') ?? ''
  if (/^(0|[1-9][0-9]{0,18})$/.test(last)) return BigInt(last)
  const given = url.searchParams.get('cursor') ?? ''
  if (given === '') return 0n
  if (!isObject(given)) return plainText('bad cursor format\n')
  const cursor = cursorOf(given)
  return cursor?.kind === 'integer' ? cursor.data : plainText('bad cursor\n')
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && !Array.isArray(value)
  } catch {
    return false
  }
}

function cursorOf(text: string): ReturnType<typeof parseWireCursor> | undefined {
  try {
    return parseWireCursor(text)
  } catch (error) {
    if (error instanceof RejoinError) return undefined
    throw error
  }
}

function encoded({ list, last, scanned }: VisiblePage): Uint8Array<ArrayBuffer> {
  if (last === undefined) return signOfLife
  const next = encodeWireCursor({ kind: 'integer', data: scanned })
  return encoder.encode(`id: ${scanned}\ndata: {"events":[${list}],"next_cursor":${next}}\n\n`)
}

function plainText(text: string): Answer {
  const headers = { 'content-type': 'text/plain; charset=utf-8' }
  return { status: 400, headers, body: encoder.encode(text) }
}

const encoder = new TextEncoder()
// Without the space, a Go client takes it for nothing.
const reset = encoder.encode('id: 0\nevent: reset\ndata:{"reset":true}\n\n')
const mostInMessage = 100
