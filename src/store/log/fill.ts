import { LogEvent, type LogEventInit } from '../../event/index.ts'
import { type LogContext, nextPosition } from './context.ts'
import type { Row } from './tables.ts'

/**
 * Puts content into a stub. The stub's place in history stands, whatever header the content comes with; the
 * row moves to the end, so that every reader sees it.
 */
export function fill(
  context: LogContext,
  known: Row,
  content: Content,
  via: number | null,
): LogEvent {
  const { tables } = context
  const place = known.event
  const event = new LogEvent({
    id: place.id,
    origin: place.origin,
    sequence: place.sequence,
    stamp: place.stamp,
    parents: place.parents,
    aggregateId: place.aggregateId,
    type: content.type,
    schemaVersion: content.schemaVersion,
    hash: content.hash,
    metadataText: content.metadataText,
    dataText: content.dataText,
    stub: null,
  })
  // The content came over this link, wherever the stub came from: all others may lack it.
  tables.move(known, { position: nextPosition(context), event, via })
  tables.meta.moved += 1n
  return event
}

type Content = Pick<LogEventInit, 'type' | 'schemaVersion' | 'hash' | 'metadataText' | 'dataText'>
