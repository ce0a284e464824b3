import type { LogEvent } from '../../event/index.ts'
import { canonicalJson } from '../../json/index.ts'

/**
 * Whether a known event and one that claims its id are the same fact (L2). Equal hashes decide almost
 * always; canonical JSON is compared only when they differ. Erased or compacted content can't be
 * compared any more: the id alone stays a duplicate for ever.
 */
export function sameContent(known: LogEvent, other: Content): boolean {
  if (known.hash === other.hash) return true
  if (known.stub !== null) return known.stub !== 'withheld'
  return (
    known.type === other.type &&
    known.aggregateId === other.aggregateId &&
    known.schemaVersion === other.schemaVersion &&
    sameJson(known.metadataText, other.metadataText) &&
    sameJson(known.dataText, other.dataText)
  )
}

type Content = Pick<
  LogEvent,
  'hash' | 'type' | 'aggregateId' | 'schemaVersion' | 'metadataText' | 'dataText'
>

function sameJson(one: string, other: string): boolean {
  if (one === other) return true
  return one !== '' && other !== '' && canonicalJson(one) === canonicalJson(other)
}
