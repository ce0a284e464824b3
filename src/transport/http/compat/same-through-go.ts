import type { LogEvent } from '../../../event/index.ts'
import { canonicalJson, goJson } from '../../../json/index.ts'

/**
 * Whether a known event and one that comes from a Go client are the same: type, aggregate and, with numbers
 * compared as doubles, metadata and payload. What Go has encoded again is still the same event. Content
 * that is not here any more can't be compared: the id alone decides.
 */
export function sameThroughGo(known: LogEvent, other: LogEvent): boolean {
  if (known.hash === other.hash || known.stub !== null) return true
  return (
    known.type === other.type &&
    known.aggregateId === other.aggregateId &&
    sameJson(known.metadataText, other.metadataText) &&
    sameJson(known.dataText, other.dataText)
  )
}

function sameJson(one: string, other: string): boolean {
  if (one === other) return true
  if (one === '' || other === '') return false
  return throughGo(one) === throughGo(other)
}

// Canonical as well, because as doubles 0 and -0 are equal.
function throughGo(text: string): string {
  return canonicalJson(goJson(text) ?? text)
}
