import { JsonNumber, parseLossless } from '../../json/index.ts'
import type { LogEvent } from '../log-event.ts'
import type { Condition, Ordered, Scalar } from './event-filter.ts'

/** Whether an event's metadata meets all conditions. Parses the metadata and nothing else. */
export function metadataMatcher(
  conditions: Readonly<Record<string, Condition>>,
): (event: LogEvent) => boolean {
  const tests = Object.entries(conditions).map(
    ([key, condition]) => [key, testOf(condition)] as const,
  )
  return (event) => {
    const metadata = exactMetadata(event)
    return tests.every(([key, passes]) =>
      passes(Object.hasOwn(metadata, key) ? metadata[key] : absent),
    )
  }
}

/** Rounds no number; the slower way is gone only when there is a number that could be rounded. */
function exactMetadata(event: LogEvent): Readonly<Record<string, unknown>> {
  const { metadataText } = event
  if (!manyDigits.test(metadataText)) return event.metadata
  return parseLossless(metadataText) as Readonly<Record<string, unknown>>
}

type Test = (value: unknown) => boolean

function testOf(condition: Condition): Test {
  const { equals, not, gt, gte, lt, lte, in: list, exists } = condition
  const tests: Test[] = []
  if (equals !== undefined) tests.push((value) => isEqual(value, equals))
  if (not !== undefined) tests.push((value) => !isEqual(value, not))
  if (gt !== undefined) tests.push(orderTest(gt, (order) => order > 0))
  if (gte !== undefined) tests.push(orderTest(gte, (order) => order >= 0))
  if (lt !== undefined) tests.push(orderTest(lt, (order) => order < 0))
  if (lte !== undefined) tests.push(orderTest(lte, (order) => order <= 0))
  if (list !== undefined) tests.push((value) => list.some((one) => isEqual(value, one)))
  if (exists !== undefined) tests.push((value) => (value !== absent) === exists)
  return (value) => tests.every((passes) => passes(value))
}

function isEqual(value: unknown, wanted: Scalar): boolean {
  if (value === wanted) return true
  return (isNumber(value) || value instanceof JsonNumber) && compare(value, wanted) === 0
}

function orderTest(bound: Ordered, holds: (order: number) => boolean): Test {
  return (value) => {
    const order = compare(value, bound)
    return order !== undefined && holds(order)
  }
}

/** Below 0, 0 or above 0; `undefined` for two that can't be compared. */
function compare(value: unknown, bound: Scalar): number | undefined {
  if (typeof value === 'string')
    return typeof bound === 'string' ? (value < bound ? -1 : value > bound ? 1 : 0) : undefined
  // JavaScript compares a number with a bigint by their exact values.
  const known = value instanceof JsonNumber ? value.valueOf() : value
  if (!isNumber(known) || !isNumber(bound)) return undefined
  return known < bound ? -1 : known > bound ? 1 : 0
}

function isNumber(value: unknown): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint'
}

const absent = Symbol('absent')
const manyDigits = /[0-9.]{16}/
