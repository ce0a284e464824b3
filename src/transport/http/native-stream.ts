import type { LiveWant } from '../../contracts/index.ts'
import { encodeEndLine } from '../../event/index.ts'
import type { Cursor } from '../../version/index.ts'
import { type ChangeForm, oncePerPage, type Remote, type Sized } from '../remote/index.ts'
import { parsed } from '../remote/parsed.ts'
import { ownCursor } from '../remote/wire.ts'
import { encodeMessage } from './event-stream.ts'
import type { LiveStreams, PageBytes } from './live-streams.ts'
import { refusedQuery } from './query.ts'

export interface StreamContext<C extends Sized> {
  readonly remote: Remote<C>
  readonly streams: LiveStreams
  readonly encodeLive: PageBytes<C>
}

/**
 * The answer that goes on with each commit: messages that hold a page of frames each, and whose ids are the
 * cursors behind them. Ends after a reset, which has a name of its own.
 */
export function nativeStream<C extends Sized>(
  { remote, streams, encodeLive: encode }: StreamContext<C>,
  request: Request,
  after: Cursor,
  want: LiveWant<C>,
): Response {
  const from = resumedAt(request) ?? after
  return streams.answer(request, {
    join: (reader) => remote.join({ after: from, want, ...reader }),
    encode,
  })
}

/** An EventSource comes back to the address it began with, and says here how far it has come. */
function resumedAt({ headers }: Request): Cursor | undefined {
  const given = headers.get('last-event-id')
  if (given === null) return undefined
  return parsed(ownCursor, given, (what) => refusedQuery(`Last-Event-ID ${what}`))
}

/** A page as a message, made once for all who read it. */
export function liveEncoder<C extends Sized>({ encode }: ChangeForm<C>): PageBytes<C> {
  return oncePerPage((page) => {
    if (page.kind === 'reset')
      return encodeMessage({ id: '', event: 'reset', data: encodeEndLine({ reset: true }) })
    const { changes, cursor, more } = page
    let data = ''
    for (const change of changes) data += encode(change)
    return encodeMessage({ id: cursor, data: data + encodeEndLine({ cursor, more }) })
  })
}
