import type { LiveWant } from '../../contracts/index.ts'
import { encodeEndLine, encodeFrame } from '../../event/index.ts'
import type { Cursor } from '../../version/index.ts'
import { oncePerPage, type Remote } from '../remote/index.ts'
import { parsed } from '../remote/parsed.ts'
import { ownCursor } from '../remote/wire.ts'
import { encodeMessage } from './event-stream.ts'
import type { LiveStreams } from './live-streams.ts'
import { refusedQuery } from './query.ts'

/**
 * The answer that goes on with each commit: messages that hold a page of frames each, and whose ids are the
 * cursors behind them. Ends after a reset, which has a name of its own.
 */
export function nativeStream(
  { remote, streams }: { readonly remote: Remote; readonly streams: LiveStreams },
  request: Request,
  after: Cursor,
  want: LiveWant,
): Response {
  const from = resumedAt(request) ?? after
  return streams.answer(request, {
    join: (reader) => remote.join({ after: from, want, ...reader }),
    encode: encodeLive,
  })
}

/** An EventSource comes back to the address it began with, and says here how far it has come. */
function resumedAt({ headers }: Request): Cursor | undefined {
  const given = headers.get('last-event-id')
  if (given === null) return undefined
  return parsed(ownCursor, given, (what) => refusedQuery(`Last-Event-ID ${what}`))
}

const encodeLive = oncePerPage((page) => {
  if (page.kind === 'reset')
    return encodeMessage({ id: '', event: 'reset', data: encodeEndLine({ reset: true }) })
  const { changes, cursor, more } = page
  let data = ''
  for (const change of changes) data += encodeFrame(change)
  return encodeMessage({ id: cursor, data: data + encodeEndLine({ cursor, more }) })
})
