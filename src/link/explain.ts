import type { Parked } from '../contracts/index.ts'
import type { RejoinError } from '../errors/index.ts'
import type { Unsent } from './outbox.ts'
import type { LinkPhase } from './phases.ts'

/** What a link does, and what keeps it from draining its outbox. Times are milliseconds since 1970. */
export interface Explanation {
  /** The remote's name. */
  readonly remote: string
  readonly phase: LinkPhase
  /** In this phase since. */
  readonly since: number
  /** The same in a sentence. */
  readonly doing: string
  /** Absent as long as nobody knows: the remote was not reached since this process began. */
  readonly unsent?: Unsent
  /** Refused by the remote; offered again at the next attempt. */
  readonly parked: readonly Parked[]
  /** Absent: nothing stands in the way. */
  readonly blocked?: Blocked
}

/** Why what is committed here is not with the remote. */
export interface Blocked {
  readonly cause: BlockCause
  /** What happened, in words. */
  readonly message: string
  readonly since: number
  /** When it is tried again; in the past when that is under way. Absent: not before somebody asks for it. */
  readonly nextAttempt?: number
  readonly error?: RejoinError
}

/**
 * - `unauthorized`, `forbidden`: the remote wants other credentials, or says no.
 * - `rejected`: it refuses events, which are parked; the others go through. `clock`: it does so because they
 *   come from a clock that is far ahead.
 * - `busy`: it asks for patience. `failing`: something is wrong there. `timeout`: no answer in time.
 *   `unreachable`: no connection.
 * - `disk-full`, `storage`: a log can't be written or read.
 * - `incompatible`: it speaks another protocol. `unsettled`: both ends keep finding each other changed.
 * - `interval`: nothing is wrong; it goes with the next sync.
 * - `paused`, `stopped`, `closed`: the link is. `internal`: a bug, here or in what was plugged in.
 */
export type BlockCause =
  | 'unauthorized'
  | 'forbidden'
  | 'rejected'
  | 'clock'
  | 'busy'
  | 'failing'
  | 'timeout'
  | 'unreachable'
  | 'disk-full'
  | 'storage'
  | 'incompatible'
  | 'unsettled'
  | 'interval'
  | 'paused'
  | 'stopped'
  | 'closed'
  | 'internal'

/** What an error means for who waits. */
export function causeOf(error: RejoinError): BlockCause {
  const { code, details } = error
  if (code === 'unavailable') return details.status === 429 ? 'busy' : 'failing'
  return causes[code] ?? 'internal'
}

/** What refused events mean: one that time can't heal is what counts. */
export function causeOfParked(parked: readonly Parked[]): BlockCause {
  const own = parked.filter(({ reason }) => reason !== 'parent_rejected')
  return own.length > 0 && own.every(({ reason }) => reason === 'clock') ? 'clock' : 'rejected'
}

/** A phase in a sentence. */
export const doing: Readonly<Record<LinkPhase, string>> = {
  stopped: 'does nothing by itself',
  greeting: 'says hello to the remote',
  syncing: 'pushes and pulls',
  live: 'follows the remote, and pushes what is committed here at once',
  polling: 'waits for the next sync',
  waiting: 'waits before it tries again',
  paused: 'is paused until it is resumed',
  closed: 'is closed',
}

/** The failure among what went wrong. Refused events are none: the rest was synced, and is not to wait for them. */
export function failureIn(errors: readonly RejoinError[]): RejoinError | undefined {
  return errors.find(({ code }) => code !== 'rejected')
}

/** Something that went wrong again and again: since when, and with what words last. */
export class Trouble {
  #since = 0
  #error: RejoinError | undefined

  get error(): RejoinError | undefined {
    return this.#error
  }

  get since(): number {
    return this.#since
  }

  /** The same cause goes on; another one begins. */
  met(error: RejoinError, now: number): void {
    if (this.#error === undefined || causeOf(this.#error) !== causeOf(error)) this.#since = now
    this.#error = error
  }

  over(): void {
    this.#error = undefined
  }
}

const causes: Partial<Record<RejoinError['code'], BlockCause>> = {
  unauthorized: 'unauthorized',
  forbidden: 'forbidden',
  rejected: 'rejected',
  clock: 'clock',
  timeout: 'timeout',
  network: 'unreachable',
  storage_full: 'disk-full',
  storage_readonly: 'storage',
  storage_busy: 'storage',
  storage_io: 'storage',
  storage_damaged: 'storage',
  storage_foreign: 'storage',
  storage_newer: 'storage',
  not_found: 'incompatible',
  protocol: 'incompatible',
  invalid_frame: 'incompatible',
  unsettled: 'unsettled',
  closed: 'closed',
}
