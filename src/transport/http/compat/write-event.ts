import type { LogEvent } from '../../../event/index.ts'
import { exceedsDoubles, goJson } from '../../../json/index.ts'
import { headerKey, headerOf } from './header-in-metadata.ts'
import { withoutMember } from './member.ts'

/**
 * Whether an event can be told to Go clients at all: a stub has no content, and a number larger than any
 * double makes Go refuse the whole page that it stands on.
 */
export function hasCompatForm(event: LogEvent): boolean {
  return (
    event.stub === null && !exceedsDoubles(event.dataText) && !exceedsDoubles(event.metadataText)
  )
}

/** An event as our own server answers it: exact texts, and never the header of an event. */
export function encodeCompat(event: LogEvent, version: string): string {
  return entry(event, event.dataText, withoutMember(event.metadataText, headerKey), version)
}

/**
 * An event as it is pushed to a Go server, with what it takes to get the very event back: its header, and
 * the exact texts where Go would change them. An event without causality whose texts Go leaves alone needs
 * nothing of that. The event must not be a stub.
 */
export function encodeForGo(event: LogEvent, version: string): string {
  const { dataText, metadataText, origin, schemaVersion } = event
  const data = goJson(dataText)
  const visible = withoutMember(metadataText, headerKey)
  const metadata = visible === '' ? '' : goJson(visible)
  const exact = { data: data !== dataText, metadata: metadata !== metadataText }
  const shownData = data === undefined ? 'null' : dataText
  if (origin === null && schemaVersion === 1 && !exact.data && !exact.metadata)
    return entry(event, shownData, visible, version)
  const rest = metadata === undefined || visible === '' ? '}' : `,${visible.slice(1)}`
  return entry(event, shownData, `{"${headerKey}":${headerOf(event, exact)}${rest}`, version)
}

function entry(event: LogEvent, data: string, metadata: string, version: string): string {
  const { id, type, aggregateId } = event
  const names = `"id":${quote(id)},"type":${quote(type)},"aggregate_id":${quote(aggregateId)}`
  const content = `"data":${data},"metadata":${metadata === '' ? 'null' : metadata}`
  return `{"event":{${names},${content}},"version":${quote(version)}}`
}

const quote = (text: string): string => JSON.stringify(text)
