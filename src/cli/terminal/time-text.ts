/** `2026-03-01 17:05:09`, in the time zone of whoever looks. */
export function localTime(milliseconds: number): string {
  return local(milliseconds)
}

/** `17:05:09`, in the time zone of whoever looks. */
export function timeOfDay(milliseconds: number): string {
  return timeOnly(milliseconds)
}

/** `17:05:09.123`, in the time zone of whoever looks. */
export function clockTime(milliseconds: number): string {
  return clock(milliseconds).replace(',', '.')
}

/** `2026-03-01T17:05:09.123Z` */
export function isoTime(milliseconds: number): string {
  return `${universal(milliseconds).replace(' ', 'T').replace(',', '.')}Z`
}

// Swedish writes times as ISO 8601 does.
const seconds = {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
} as const
const days = { year: 'numeric', month: '2-digit', day: '2-digit' } as const
const local = formatter({ ...days, ...seconds })
const timeOnly = formatter(seconds)
const clock = formatter({ ...seconds, fractionalSecondDigits: 3 })
const universal = formatter({
  ...days,
  ...seconds,
  fractionalSecondDigits: 3,
  timeZone: 'UTC',
})

/** Made at its first use: the four of them took 10 ms of each command's start. */
function formatter(options: Intl.DateTimeFormatOptions): (milliseconds: number) => string {
  let made: Intl.DateTimeFormat | undefined
  return (milliseconds) => {
    made ??= new Intl.DateTimeFormat('sv-SE', options)
    return made.format(milliseconds)
  }
}
