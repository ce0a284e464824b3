import type { Runtime } from '../runtime/index.ts'
import { decodeEvent, eventWords } from './frame-event.ts'
import type { FrameProblem } from './frame-header.ts'
import { decodePage } from './frame-page.ts'
import type { EventLimits } from './limits.ts'
import type { LogEvent } from './log-event.ts'

/*
 * The native frame: UTF-8 lines.
 *
 *   {"id":…,"origin":…,"sequence":"…","stamp":"…","parents":[…],"aggregate":…,"type":…,"schema":1,"hash":…,"metadata":{…}}
 *   <payload: JSON on one line, exactly as written>
 *   …
 *   {"end":{…}}            closes the page: what is cut short is noticed, and says where to go on
 *
 * A header's keys stand in this order; `origin`, `sequence` and `parents` are absent when there are none,
 * `metadata` when it is empty and otherwise last, so that its exact text can be cut out. A stub has
 * `"stub":reason` in place of `type` and an empty payload line. An unknown key, or one that stands twice,
 * is refused: nobody would hash it, store it or pass it on.
 */

/**
 * One event as a native frame: two lines, each ending in a line feed. Payload and metadata keep their exact
 * text, so equal events give equal frames, and decoding one gives the event back with its hash.
 */
export function encodeFrame(event: LogEvent): string {
  let header = `{"id":${quote(event.id)}`
  if (event.origin !== null) header += `,"origin":"${event.origin}","sequence":"${event.sequence}"`
  header += `,"stamp":"${event.stamp}"`
  if (event.parents.length > 0) header += `,"parents":[${event.parents.map(quote).join(',')}]`
  header += `,"aggregate":${quote(event.aggregateId)}`
  header += event.stub === null ? `,"type":${quote(event.type)}` : `,"stub":"${event.stub}"`
  header += `,"schema":${event.schemaVersion}`
  if (event.hash !== '') header += `,"hash":"${event.hash}"`
  if (event.metadataText !== '') header += `,"metadata":${event.metadataText}`
  return `${header}}\n${event.dataText}\n`
}

/** A page's events, in order, and what its end line says. Events that break a rule are told apart by index. */
export interface DecodedFrames {
  readonly events: readonly (LogEvent | FrameProblem)[]
  readonly end: unknown
}

/**
 * Reads a page. Throws `invalid_frame` when the page itself is broken (no end line, a header that is not
 * JSON); an event that only breaks a rule becomes a `FrameProblem`, so that its neighbours survive it.
 */
export function decodeFrames(
  text: string,
  limits: EventLimits,
  runtime: Pick<Runtime, 'sha256'>,
): DecodedFrames {
  const { decoded, end } = decodePage(text, eventWords, (lines, index) =>
    decodeEvent(lines, index, limits, runtime),
  )
  return { events: decoded, end }
}

const quote = (text: string): string => JSON.stringify(text)
