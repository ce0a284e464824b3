/** `2026-03-01 17:05:09`, in the time zone of whoever looks. */
export function localTime(milliseconds: number): string {
  return local.format(milliseconds)
}

/** `17:05:09`, in the time zone of whoever looks. */
export function timeOfDay(milliseconds: number): string {
  return timeOnly.format(milliseconds)
}

/** `17:05:09.123`, in the time zone of whoever looks. */
export function clockTime(milliseconds: number): string {
  return clock.format(milliseconds).replace(',', '.')
}

/** `2026-03-01T17:05:09.123Z` */
export function isoTime(milliseconds: number): string {
  return `${universal.format(milliseconds).replace(' ', 'T').replace(',', '.')}Z`
}

// Swedish writes times as ISO 8601 does.
const seconds = {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
} as const
const days = { year: 'numeric', month: '2-digit', day: '2-digit' } as const
const local = new Intl.DateTimeFormat('sv-SE', { ...days, ...seconds })
const timeOnly = new Intl.DateTimeFormat('sv-SE', seconds)
const clock = new Intl.DateTimeFormat('sv-SE', { ...seconds, fractionalSecondDigits: 3 })
const universal = new Intl.DateTimeFormat('sv-SE', {
  ...days,
  ...seconds,
  fractionalSecondDigits: 3,
  timeZone: 'UTC',
})
