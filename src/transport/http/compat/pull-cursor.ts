import { RejoinError } from '../../../errors/index.ts'
import { isNull, readFields, type Span } from '../../../json/index.ts'
import { encodeWireCursor, type Position, parseWireCursor } from '../../../version/index.ts'
import type { Answer } from '../answer.ts'
import type { Call } from '../route.ts'
import { readCompatBody } from './body.ts'
import type { CompatContext } from './context.ts'
import { firstValue } from './first-value.ts'
import { jsonText, refusal } from './go-answer.ts'
import { visiblePage } from './visible-page.ts'

/**
 * `POST pull-cursor {"since":<cursor>?,"limit":<number>?}`: the next events after a cursor, 200 of them
 * unless `limit` is from 1 to 1,000. An empty page has no `next`.
 */
export async function pullCursor(context: CompatContext, call: Call): Promise<Answer> {
  const wanted = wantedBy(firstValue(await readCompatBody(call, context)))
  const { list, last } = await visiblePage(context, wanted, call.request.signal)
  if (last === undefined) return jsonText('{"events":[]}')
  const next = encodeWireCursor({ kind: 'integer', data: last })
  return jsonText(`{"events":[${list}],"next":${next}}`)
}

function wantedBy(body: string): { readonly after: Position; readonly count: number } {
  let after = 0n as Position
  let count = 0
  const problem = readFields(body, { from: 0, to: body.length }, 'the body', {
    since(text, value) {
      if (!isNull(text, value)) after = positionOf(text, value)
      return undefined
    },
    limit(text, value) {
      if (isNull(text, value)) return undefined
      const limit = text.slice(value.from, value.to)
      if (!integer.test(limit)) return 'limit must be a whole number'
      count = Number(limit)
      return undefined
    },
  })
  if (problem !== undefined) throw refusal(400, problem)
  return { after, count: count <= 0 || count > most ? usual : count }
}

function positionOf(text: string, { from, to }: Span): Position {
  const cursor = cursorOf(text.slice(from, to))
  if (cursor.kind === 'vector') throw refusal(400, 'cursor kind not supported by this store')
  if (cursor.data >= 2n ** 63n) throw refusal(400, 'bad cursor: it lies beyond 2^63 - 1')
  return cursor.data as Position
}

function cursorOf(text: string): ReturnType<typeof parseWireCursor> {
  try {
    return parseWireCursor(text)
  } catch (error) {
    if (error instanceof RejoinError) throw refusal(400, `bad cursor: ${error.message}`)
    throw error
  }
}

const integer = /^-?(0|[1-9][0-9]*)$/
const usual = 200
const most = 1_000
