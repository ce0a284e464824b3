import { isNodeId } from '../../event/ids.ts'
import type { Position } from '../../version/index.ts'
import { Wrong } from './option.ts'

/** Any text but the empty one. */
export function text(given: string): string {
  if (given === '') throw new Wrong('must not be empty')
  return given
}

export function nodeId(given: string): string {
  if (!isNodeId(given)) throw new Wrong('must be 1 to 255 letters, digits, ".", "_" or "-"')
  return given
}

export function port(given: string): number {
  const number = decimal.test(given) ? Number(given) : Number.NaN
  if (!(number <= 65_535)) throw new Wrong('must be a number from 0 to 65535')
  return number
}

/** A whole number from 1 on. */
export function count(given: string): number {
  const number = decimal.test(given) ? Number(given) : 0
  if (!Number.isSafeInteger(number) || number < 1) throw new Wrong('must be a whole number above 0')
  return number
}

export function seconds(given: string): number {
  const number = /^\d+(\.\d+)?$/.test(given) ? Number(given) : 0
  if (number <= 0 || number > mostSeconds)
    throw new Wrong(`must be seconds, 0.001 to ${mostSeconds}`)
  return number
}

/** Milliseconds, given as a whole number of days, hours, minutes or seconds; or `0`. */
export function duration(given: string): number {
  const [, number = '', unit = ''] = /^(\d+)([dhms])$/.exec(given === '0' ? '0s' : given) ?? []
  const milliseconds = Number(number) * (units.get(unit) ?? Number.NaN)
  if (!Number.isSafeInteger(milliseconds))
    throw new Wrong('must be days, hours, minutes or seconds, such as 30d, 12h, 90m or 45s, or 0')
  return milliseconds
}

export function position(given: string): Position {
  if (!decimal.test(given) || BigInt(given) >= 2n ** 63n)
    throw new Wrong('must be a position, as the first column of the log shows it')
  return BigInt(given) as Position
}

export function webAddress(given: string): string {
  const url = URL.parse(given)
  if (url === null || !/^https?:$/.test(url.protocol))
    throw new Wrong('must be an address such as http://127.0.0.1:8080')
  if (url.username !== '' || url.password !== '')
    throw new Wrong('must not hold credentials (use --token)', true)
  return given
}

/** What an HTTP header can carry. */
export function token(given: string): string {
  if (!/^[\x21-\x7e]+$/.test(given)) throw new Wrong('must be visible ASCII without spaces', true)
  return given
}

const units: ReadonlyMap<string, number> = new Map([
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
])
const decimal = /^\d{1,19}$/
// What one timer can wait.
const mostSeconds = 2_000_000
