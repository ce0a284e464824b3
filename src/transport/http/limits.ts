import { RejoinError } from '../../errors/index.ts'
import { defaultEventLimits, type EventLimits } from '../../event/index.ts'
import { defaultRemoteLimits, type RemoteLimits } from '../remote/index.ts'

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

/** The defaults with what was given; `invalid_argument` for a limit that is not a whole number above 0. */
export function httpLimits(given: HttpLimitOptions = {}): HttpLimits {
  const event = { ...defaultEventLimits, ...given.event }
  const limits = { ...defaultHttpLimits, ...given, event }
  for (const [name, value] of [...Object.entries(limits), ...Object.entries(event)]) {
    if (name === 'event' || (Number.isSafeInteger(value) && (value as number) > 0)) continue
    throw new RejoinError('invalid_argument', `limit ${name} must be a whole number above 0`, {
      operation: 'open',
      component: 'transport/http',
      details: { limit: name, value: String(value) },
    })
  }
  return limits
}
