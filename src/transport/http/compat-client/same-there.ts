import type { LogEvent } from '../../../event/index.ts'
import { canonicalJson } from '../../../json/index.ts'

/**
 * Whether what a Go server holds is what was pushed: with our header the very event, and without it the
 * same content to the last digit.
 */
export function isSameThere(pushed: LogEvent, there: LogEvent): boolean {
  if (pushed.hash === there.hash) return true
  return (
    pushed.type === there.type &&
    pushed.aggregateId === there.aggregateId &&
    pushed.schemaVersion === there.schemaVersion &&
    sameJson(pushed.dataText, there.dataText) &&
    sameJson(pushed.metadataText, there.metadataText)
  )
}

function sameJson(one: string, other: string): boolean {
  if (one === other) return true
  return one !== '' && other !== '' && canonicalJson(one) === canonicalJson(other)
}
