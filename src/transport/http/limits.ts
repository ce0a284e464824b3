import { fields, timerTime, wholeNumber } from '../../errors/check.ts'
import { defaultEventLimits, type EventLimits, eventLimitsOf } from '../../event/index.ts'
import { defaultRemoteLimits, type RemoteLimits, remoteLimitsOf } from '../remote/index.ts'

/** What bodies may be, in both directions. Times are milliseconds, sizes bytes. */
export interface HttpLimits extends RemoteLimits {
  /** A body as it travels, compressed or not. Default 10 MiB. */
  readonly bodyBytes: number
  /** A body once it is unpacked. Default 20 MiB. */
  readonly unpackedBytes: number
  /** What all request bodies being read hold at one time; beyond it the server asks for patience. Default 32 MiB. */
  readonly bufferedBytes: number
  /** The wait for the next piece of a request body. Default 10 s. */
  readonly bodyIdle: number
  /** The wait for a whole request body. Default 60 s. */
  readonly bodyTime: number
  readonly event: EventLimits
}

export const defaultHttpLimits: HttpLimits = {
  ...defaultRemoteLimits,
  bodyBytes: 10 * 1024 * 1024,
  unpackedBytes: 20 * 1024 * 1024,
  bufferedBytes: 32 * 1024 * 1024,
  bodyIdle: 10_000,
  bodyTime: 60_000,
  event: defaultEventLimits,
}

export type HttpLimitOptions = Partial<Omit<HttpLimits, 'event'>> & {
  readonly event?: Partial<EventLimits>
}

/** The defaults with what was given; `invalid_argument` naming a limit that makes no sense. */
export function httpLimits(given: HttpLimitOptions = {}): HttpLimits {
  const limits = fields('limits', given, opening)
  const checked = (key: SizeOrTime) =>
    wholeNumber(`limits.${key}`, limits[key] ?? defaultHttpLimits[key], opening, { from: 1 })
  const time = (key: SizeOrTime) => timerTime(`limits.${key}`, checked(key), opening)
  return {
    ...remoteLimitsOf(limits, opening),
    bodyBytes: checked('bodyBytes'),
    unpackedBytes: checked('unpackedBytes'),
    bufferedBytes: checked('bufferedBytes'),
    bodyIdle: time('bodyIdle'),
    bodyTime: time('bodyTime'),
    event: eventLimitsOf(limits.event, opening, 'limits.event'),
  }
}

type SizeOrTime = Exclude<keyof HttpLimits, 'event'>

const opening = { operation: 'open', component: 'transport/http' }
