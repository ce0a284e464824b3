import { RejoinError } from '../errors/index.ts'
import { exactDecimal, isExact } from './decimal.ts'
import { JsonNumber } from './json-number.ts'
import { plainKeys, withOwnKeys } from './plain-keys.ts'
import { sourceTextJson } from './source-text.ts'

/**
 * `JSON.parse` that rounds no number: an integer beyond 2^53 comes back as a `bigint`, any other number
 * that JavaScript would change as a `JsonNumber`. Which of the three a number becomes depends only on its
 * size and precision, so the nanoseconds of one field don't come as `number` now and `bigint` then.
 */
export function parseLossless(text: string): unknown {
  return sourceTextJson.parse(plainKeys(text), (_key, value, { source }) => {
    if (typeof value === 'number') return source === undefined ? value : exactNumber(value, source)
    return isRecord(value) ? withOwnKeys(value) : value
  })
}

/**
 * `JSON.stringify` that writes bigints and `JsonNumber`s digit for digit, and -0 with its sign. Throws
 * `invalid_argument` for what has no JSON form, such as a function.
 */
export function stringifyLossless(value: unknown): string {
  const text = JSON.stringify(value, writeExactly) as string | undefined
  if (text !== undefined) return text
  throw new RejoinError('invalid_argument', 'the value has no JSON form', {
    operation: 'stringify',
    component: 'json',
  })
}

function exactNumber(value: number, source: string): number | bigint | JsonNumber {
  if (integer.test(source)) return Number.isSafeInteger(value) ? value : BigInt(source)
  const shortest = String(value)
  if (source === shortest || isExact(shortest, exactDecimal(source))) return value
  return new JsonNumber(source)
}

function writeExactly(this: Readonly<Record<string, unknown>>, key: string, value: unknown) {
  // Not `value`: many programs give bigints a `toJSON`, which has made a string of it by now.
  const original = this[key]
  if (typeof original === 'bigint') return sourceTextJson.rawJSON(String(original))
  return Object.is(value, -0) ? sourceTextJson.rawJSON('-0') : value
}

function isRecord(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  return !Array.isArray(value) && !(value instanceof JsonNumber)
}

const integer = /^-?[0-9]+$/
