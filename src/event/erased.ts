import { LogEvent } from './log-event.ts'

/**
 * The place of an event whose content is gone for good, on every replica the same: its header without type,
 * payload, metadata and hash. Only the tenant stays, which says who may know of the erasure.
 */
export function erasedOf(event: LogEvent): LogEvent {
  return headerOf(event, 'erased')
}

/** The place of an event that a snapshot stands for: as that of one that is erased, here and for now. */
export function compactedOf(event: LogEvent): LogEvent {
  return headerOf(event, 'compacted')
}

function headerOf(event: LogEvent, stub: 'erased' | 'compacted'): LogEvent {
  const tenant = tenantIn(event.metadataText)
  const metadataText = tenant === undefined ? '' : JSON.stringify({ tenant })
  return new LogEvent({ ...event, type: '', hash: '', metadataText, dataText: '', stub })
}

/** `metadata.tenant`, when that is a text. */
export function tenantIn(metadataText: string): string | undefined {
  // Most metadata without one is not parsed at all.
  if (!metadataText.includes('"tenant"')) return undefined
  const { tenant } = JSON.parse(metadataText) as { readonly tenant?: unknown }
  return typeof tenant === 'string' ? tenant : undefined
}
