import type { Runtime } from '../runtime/index.ts'
import { contentHash } from './content-hash.ts'
import { foreignStamp } from './foreign-time.ts'
import type { EventId } from './ids.ts'
import { LogEvent, type LogEventInit } from './log-event.ts'

/** What an event from elsewhere says; both texts are JSON on one line, the metadata's empty for none. */
export interface ForeignContent {
  readonly id: string
  readonly type: string
  readonly aggregateId: string
  readonly schemaVersion?: number
  readonly metadataText: string
  readonly dataText: string
}

/**
 * An event from where nobody knows causality. Its header is a pure function of its content (see
 * `foreignPlace`), so that no two nodes can disagree about it. The content must have been checked.
 */
export function foreignEvent(content: ForeignContent, runtime: Pick<Runtime, 'sha256'>): LogEvent {
  const { schemaVersion = 1 } = content
  const whole = { ...content, id: content.id as EventId, schemaVersion }
  const hash = contentHash(whole, runtime)
  return new LogEvent({ ...whole, ...foreignPlace(whole), hash, stub: null })
}

/** The event as if its origin, parents and stamp had been lost on the way. Its hash stays. */
export function withoutCausality(event: LogEvent): LogEvent {
  return new LogEvent({ ...event, ...foreignPlace(event) })
}

/** No origin, no sequence, no parents; the stamp that `foreignStamp` reads from the content. */
export function foreignPlace({
  id,
  metadataText,
}: Pick<ForeignContent, 'id' | 'metadataText'>): Place {
  return { origin: null, sequence: 0n, stamp: foreignStamp(id, metadataText), parents: [] }
}

type Place = Pick<LogEventInit, 'origin' | 'sequence' | 'stamp' | 'parents'>
