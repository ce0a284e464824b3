import { canonicalJson, goJson } from '../json/index.ts'
import type { LogEvent } from './log-event.ts'

/**
 * Whether a known event and one that claims its id are the same fact (L2). Equal hashes decide almost
 * always; canonical JSON is compared only when they differ. Erased or compacted content can't be
 * compared any more: the id alone stays a duplicate for ever.
 */
export function sameContent(known: LogEvent, other: Content): boolean {
  if (known.hash === other.hash) return true
  if (known.stub !== null) return known.stub !== 'withheld'
  return known.schemaVersion === other.schemaVersion && says(known, other, canonicalJson)
}

/**
 * Whether a known event and one that has been in Go programs are the same: type, aggregate and, with
 * numbers compared as doubles, metadata and payload. What Go has encoded again is still the same event.
 * Content that is not here any more can't be compared: the id alone decides.
 */
export function sameThroughGo(known: LogEvent, other: Content): boolean {
  if (known.hash === other.hash || known.stub !== null) return true
  return says(known, other, throughGo)
}

type Content = Pick<
  LogEvent,
  'hash' | 'type' | 'aggregateId' | 'schemaVersion' | 'metadataText' | 'dataText'
>

function says(known: Content, other: Content, form: (text: string) => string): boolean {
  return (
    known.type === other.type &&
    known.aggregateId === other.aggregateId &&
    sameJson(known.metadataText, other.metadataText, form) &&
    sameJson(known.dataText, other.dataText, form)
  )
}

function sameJson(one: string, other: string, form: (text: string) => string): boolean {
  if (one === other) return true
  return one !== '' && other !== '' && form(one) === form(other)
}

// Canonical as well, because as doubles 0 and -0 are equal.
function throughGo(text: string): string {
  return canonicalJson(goJson(text) ?? text)
}
