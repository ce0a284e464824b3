import { fields, type Known, wholeNumber } from '../../errors/check.ts'
import { defaultEventLimits, type EventLimits, eventLimitsOf } from '../../event/index.ts'
import { defaultRemoteLimits, type RemoteLimits, remoteLimitsOf } from '../remote/index.ts'

/** What connections may ask of a server, whatever it holds, and how much is held for them. Sizes are bytes. */
export interface ConnectionLimits extends RemoteLimits {
  /** The largest message that is taken in; a larger one ends its connection. Default 16 MiB. */
  readonly messageBytes: number
  /** Calls of one connection that are under way, subscriptions among them. Default 64. */
  readonly calls: number
  /** Of one subscription, sent and not taken by its reader: beyond it nothing more is sent. Default 1 MiB. */
  readonly creditBytes: number
  /** Of one connection, handed to the system and not sent: beyond it nothing more is read for it. Default 1 MiB. */
  readonly unsentBytes: number
  /** The same of all connections: beyond it the one that holds most is dropped. Default 256 MiB. */
  readonly allUnsentBytes: number
}

/** The same of connections to a log. */
export interface SocketLimits extends ConnectionLimits {
  readonly event: EventLimits
}

export const defaultSocketLimits: SocketLimits = {
  ...defaultRemoteLimits,
  messageBytes: 16 * 1024 * 1024,
  calls: 64,
  creditBytes: 1024 * 1024,
  unsentBytes: 1024 * 1024,
  allUnsentBytes: 256 * 1024 * 1024,
  event: defaultEventLimits,
}

/** Of connections to state: a page may end with an object of 10 MiB that has a note of 1 MiB. */
export const defaultStateConnection: ConnectionLimits = {
  ...defaultSocketLimits,
  messageBytes: 24 * 1024 * 1024,
}

export type SocketLimitOptions = Partial<Omit<SocketLimits, 'event'>> & {
  readonly event?: Partial<EventLimits>
}

/** The defaults with what was given; `invalid_argument` naming a limit that makes no sense. */
export function socketLimits(given: SocketLimitOptions = {}): SocketLimits {
  const limits = connectionLimits(given, defaultSocketLimits, 'event')
  return { ...limits, event: eventLimitsOf(given.event, opening, 'limits.event') }
}

/** The same of connections to something else, whose defaults are these. */
export function connectionLimits(
  given: Partial<ConnectionLimits>,
  defaults: ConnectionLimits,
  kind?: 'event' | 'change',
): ConnectionLimits {
  const known = { ...connectionLimitNames, ...(kind && { [kind]: true }) }
  const limits = fields('limits', given, opening, known)
  const checked = (key: keyof ConnectionLimits, to?: number) =>
    wholeNumber(`limits.${key}`, limits[key] ?? defaults[key], opening, {
      from: 1,
      ...(to !== undefined && { to }),
    })
  return {
    ...remoteLimitsOf(limits, opening, known),
    messageBytes: checked('messageBytes'),
    calls: checked('calls', 65_536),
    creditBytes: checked('creditBytes'),
    unsentBytes: checked('unsentBytes'),
    allUnsentBytes: checked('allUnsentBytes'),
  }
}

const opening = { operation: 'open', component: 'transport/websocket' }

const connectionLimitNames: Known<ConnectionLimits> = {
  messageBytes: true,
  calls: true,
  creditBytes: true,
  unsentBytes: true,
  allUnsentBytes: true,
  count: true,
  bytes: true,
  ids: true,
}
