import type { Listed } from './listed.ts'

/**
 * An entry as one line of JSON: the position in this log, where it is known, then what is the same on every node: the whole
 * header, metadata and data exactly as written.
 */
export function entryJson({ position, event }: Listed): string {
  const { id, type, aggregateId, origin, sequence, stamp, parents, schemaVersion, hash } = event
  const place = {
    ...(position !== undefined && { position: String(position) }),
    id,
    ...(event.stub === null ? { type } : { stub: event.stub }),
    aggregateId,
    origin,
    sequence: String(sequence),
    stamp: String(stamp),
    parents,
    schemaVersion,
    hash,
  }
  const header = JSON.stringify(place).slice(0, -1)
  if (event.stub !== null) return `${header}}`
  return `${header},"metadata":${event.metadataText || '{}'},"data":${event.dataText}}`
}
