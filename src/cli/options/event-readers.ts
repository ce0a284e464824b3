import type { FilterFields } from '../../event/filter/event-filter.ts'
import { filterFrom } from '../../event/filter/filter.ts'
import { foreignStamp } from '../../event/foreign-time.ts'
import { parseLossless } from '../../json/index.ts'
import { systemRuntime } from '../../runtime/index.ts'
import { Wrong } from './option.ts'

/** A filter as data; what its fields mean is checked as a whole. */
export function filter(given: string): FilterFields {
  try {
    filterFrom(given, systemRuntime, { operation: 'sync', component: 'cli' })
  } catch (error) {
    throw new Wrong(`makes no sense: ${(error as Error).message}`)
  }
  const { key, ...fields } = parseLossless(given) as FilterFields & { readonly key?: unknown }
  if (key !== undefined) throw new Wrong("makes no sense: code can't be given here")
  return fields
}

/** Milliseconds since 1970. */
export function moment(given: string): number {
  const timestamp = /^\d{4}-\d\d-\d\d$/.test(given) ? `${given}T00:00:00Z` : given
  const stamp = foreignStamp('', JSON.stringify({ timestamp }))
  if (stamp === 0n) throw new Wrong('must be a date or a time such as 2026-03-01T17:05:00Z')
  return Number(stamp / 1_000_000n)
}
