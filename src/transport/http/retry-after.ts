/**
 * Milliseconds that a Retry-After header asks to wait: seconds, or an HTTP date against `now`.
 * `undefined` when there is none or it is neither; what lies further ahead than a day counts as a day.
 */
export function retryAfter(header: string | null, now: number): number | undefined {
  const text = header?.trim() ?? ''
  if (/^[0-9]{1,10}$/.test(text)) return Math.min(Number(text) * 1000, day)
  const at = httpDate(text)
  return at === undefined ? undefined : Math.min(Math.max(at - now, 0), day)
}

// IMF-fixdate, the one form senders may use (RFC 9110, 5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
function httpDate(text: string): number | undefined {
  const found = /^[A-Z][a-z]{2}, (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT$/.exec(
    text,
  )
  if (found === null) return undefined
  const month = months.indexOf(found[2] as string)
  if (month < 0) return undefined
  const [date, , year, hours, minutes, seconds] = found.slice(1).map(Number) as Six
  return daysBefore(year, month, date) * day + ((hours * 60 + minutes) * 60 + seconds) * 1000
}

type Six = [number, number, number, number, number, number]

/** Days from 1 January 1970 to a date of the Gregorian calendar; January is month 0. */
function daysBefore(year: number, month: number, date: number): number {
  // Counted in years that begin in March, so that the leap day is the last (H. Hinnant, "chrono-compatible
  // low-level date algorithms").
  const y = month < 2 ? year - 1 : year
  const dayOfYear = Math.floor((153 * ((month + 10) % 12) + 2) / 5) + date - 1
  return (
    y * 365 + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400) + dayOfYear - 719_468
  )
}

const day = 86_400_000
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
