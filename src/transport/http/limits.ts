import { fields, type Known, timerTime, wholeNumber } from '../../errors/check.ts'
import { defaultEventLimits, type EventLimits, eventLimitsOf } from '../../event/index.ts'
import { defaultRemoteLimits, type RemoteLimits, remoteLimitsOf } from '../remote/index.ts'

/** What bodies may be, in both directions, whatever they hold. Times are milliseconds, sizes bytes. */
export interface TransferLimits extends RemoteLimits {
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
}

/** What bodies of events may be. */
export interface HttpLimits extends TransferLimits {
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

/** Of bodies with changes of state: a page may end with an object of 10 MiB that has a note of 1 MiB. */
export const defaultStateTransfer: TransferLimits = {
  ...defaultHttpLimits,
  bodyBytes: 24 * 1024 * 1024,
  unpackedBytes: 24 * 1024 * 1024,
  bufferedBytes: 64 * 1024 * 1024,
}

export type HttpLimitOptions = Partial<Omit<HttpLimits, 'event'>> & {
  readonly event?: Partial<EventLimits>
}

/** The defaults with what was given; `invalid_argument` naming a limit that makes no sense. */
export function httpLimits(given: HttpLimitOptions = {}): HttpLimits {
  const limits = transferLimits(given, defaultHttpLimits, 'event')
  return { ...limits, event: eventLimitsOf(given.event, opening, 'limits.event') }
}

/** The same for bodies of another kind, whose defaults are these. */
export function transferLimits(
  given: Partial<TransferLimits>,
  defaults: TransferLimits,
  kind?: 'event' | 'change',
): TransferLimits {
  const known = { ...transferLimitNames, ...(kind && { [kind]: true }) }
  const limits = fields('limits', given, opening, known)
  const checked = (key: keyof TransferLimits) =>
    wholeNumber(`limits.${key}`, limits[key] ?? defaults[key], opening, { from: 1 })
  const time = (key: keyof TransferLimits) => timerTime(`limits.${key}`, checked(key), opening)
  return {
    ...remoteLimitsOf(limits, opening, known),
    bodyBytes: checked('bodyBytes'),
    unpackedBytes: checked('unpackedBytes'),
    bufferedBytes: checked('bufferedBytes'),
    bodyIdle: time('bodyIdle'),
    bodyTime: time('bodyTime'),
  }
}

const opening = { operation: 'open', component: 'transport/http' }

const transferLimitNames: Known<TransferLimits> = {
  bodyBytes: true,
  unpackedBytes: true,
  bufferedBytes: true,
  bodyIdle: true,
  bodyTime: true,
  count: true,
  bytes: true,
  ids: true,
}
