import { latestUsableStamp, type Stamp, stampOf } from '../clock/index.ts'

/**
 * The stamp of an event that has none: the time in a UUIDv7 id, else `metadata.timestamp`, else 0. A
 * timestamp is RFC 3339 text, or a number of seconds, milliseconds, microseconds or nanoseconds since 1970,
 * told apart by its size. A number counts as the double it is in Go and JavaScript, so that passing through
 * either changes nothing. Times before 1970 and beyond the year 2200 count as none.
 */
export function foreignStamp(id: string, metadataText: string): Stamp {
  return usable(idTime(id)) ?? usable(metadataTime(metadataText)) ?? (0n as Stamp)
}

function idTime(id: string): bigint | undefined {
  const found = uuidv7.exec(id)
  if (found === null) return undefined
  return stampOf(Number.parseInt(`${found[1]}${found[2]}`, 16))
}

function metadataTime(metadataText: string): bigint | undefined {
  if (metadataText === '') return undefined
  const { timestamp } = JSON.parse(metadataText) as { timestamp?: unknown }
  if (typeof timestamp === 'number') return numberTime(timestamp)
  return typeof timestamp === 'string' ? textTime(timestamp) : undefined
}

/** Each unit reaches beyond the year 5000 before the next begins, and the next from 1973 on. */
function numberTime(number: number): bigint | undefined {
  const unit = units.find(({ below }) => number < below)
  if (unit === undefined || number < 0) return undefined
  const whole = Math.floor(number)
  // Apart, because the whole in nanoseconds has more digits than a double.
  const part = Math.floor((number - whole) * unit.nanoseconds)
  return BigInt(whole) * BigInt(unit.nanoseconds) + BigInt(part)
}

const units = [
  { below: 1e11, nanoseconds: 1_000_000_000 },
  { below: 1e14, nanoseconds: 1_000_000 },
  { below: 1e17, nanoseconds: 1_000 },
  { below: 1e20, nanoseconds: 1 },
]

function textTime(text: string): bigint | undefined {
  const found = rfc3339.exec(text)
  if (found === null) return undefined
  const [year, month, day, hour, minute, second] = found.slice(1, 7).map(Number) as Six
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month)) return undefined
  if (hour > 23 || minute > 59 || second > 59) return undefined
  const [fraction = '', sign = '+', offsetHours = '0', offsetMinutes = '0'] = found.slice(7)
  if (Number(offsetHours) > 23 || Number(offsetMinutes) > 59) return undefined
  const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * (sign === '-' ? -60 : 60)
  const seconds = ((daysTo(year, month, day) * 24 + hour) * 60 + minute) * 60 + second - offset
  return BigInt(seconds) * 1_000_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, '0'))
}

type Six = [number, number, number, number, number, number]

/** From 1 January 1970 to a day of the Gregorian calendar. */
function daysTo(year: number, month: number, day: number): number {
  let days = day - 1
  for (let before = 1; before < month; before++) days += daysIn(year, before)
  const years = year - 1
  const leapDays = Math.floor(years / 4) - Math.floor(years / 100) + Math.floor(years / 400)
  return days + years * 365 + leapDays - daysTo1970
}

function daysIn(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28
  return [4, 6, 9, 11].includes(month) ? 30 : 31
}

function isLeap(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
}

function usable(time: bigint | undefined): Stamp | undefined {
  if (time === undefined || time < 0n || time > latestUsableStamp) return undefined
  return time as Stamp
}

const daysTo1970 = 719_162
const uuidv7 = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i
const rfc3339 =
  /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))$/
