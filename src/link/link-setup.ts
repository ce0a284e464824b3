import {
  fields,
  optionalFunction,
  optionalRuntime,
  text,
  timerTime,
  trueOrFalse,
  type Where,
} from '../errors/check.ts'
import type { RejoinError } from '../errors/index.ts'
import type { LinkId } from '../event/index.ts'
import { silentLogger } from '../ports/index.ts'
import { type Runtime, systemRuntime } from '../runtime/index.ts'
import type { Change } from './change.ts'
import { type BatchChoice, checkLinkOptions } from './check-link-options.ts'
import type { LinkOptions } from './link-options.ts'
import type { Moved } from './result.ts'

/** What a link is made of. Times are milliseconds. */
export interface LinkSetup<C extends Change>
  extends Omit<LinkOptions<C>, 'onProgress' | 'runtime'> {
  /** The remote's name, for who reads `explain()`. Default `remote`. */
  readonly name?: string
  /**
   * Follows the remote: its changes come as they are committed, and what is committed here goes at once. Where
   * the transport has no stream, the remote is asked every `interval`. Default true; false: only that.
   */
  readonly realtime?: boolean
  /** From one sync to the next, without a stream; up to a tenth of it is left off by chance. Default 30,000. */
  readonly interval?: number
  /** How long a stream may keep silent before its first page. Default 30,000. */
  readonly timeout?: number
  /**
   * How often a link that is live looks whether its stream has kept its word, and tells the remote how far it has
   * read; up to a tenth of it is left off by chance. Default 300,000. At least once a minute while the remote refuses
   * something, up to a thousand changes, for a clock that is ahead.
   */
  readonly guard?: number
  /** Told what pages and pushes have moved while live. */
  readonly onMoved?: (moved: Moved, duration: number) => void
  /**
   * One sync, in place of `syncOnce`: who shares syncs with others passes `link.greetings` on to it, and
   * answers with what went wrong.
   */
  readonly round?: (signal: AbortSignal) => Promise<Round>
  /** Who the remote may be before it was reached; `none`: it was never reached. Default: nobody knows. */
  readonly guessPeer?: (signal?: AbortSignal) => Promise<LinkId | 'none' | undefined>
  readonly runtime?: Runtime
}

/** The default of `guard`. */
export const usualGuard = 5 * 60_000

/** What matters of one sync. */
export interface Round {
  readonly pushed: number
  readonly pulled: number
  readonly errors: readonly RejoinError[]
}

/** A setup with its defaults. */
export type CheckedSetup<C extends Change> = ReturnType<typeof checkLinkSetup<C>>

/** Checks the setup, before anything happens. */
export function checkLinkSetup<C extends Change>(given: LinkSetup<C>) {
  const setup = fields('options', given, where, setupNames)
  const { name = 'remote', realtime = true, directions = { push: true, pull: true } } = setup
  const { interval = 30_000, timeout = 30_000, guard = usualGuard } = setup
  const { runtime = systemRuntime, logger = silentLogger } = setup
  text('name', name, where)
  trueOrFalse('realtime', realtime, where)
  timerTime('interval', interval, where)
  timerTime('timeout', timeout, where)
  timerTime('guard', guard, where)
  optionalFunction('onMoved', setup.onMoved, where)
  optionalFunction('round', setup.round, where)
  optionalFunction('guessPeer', setup.guessPeer, where)
  optionalRuntime(setup.runtime, where)
  const choice: BatchChoice = checkLinkOptions(setup, new AbortController().signal)
  const told = { name, realtime, interval, timeout, guard, directions, runtime, logger }
  return { ...setup, ...choice, ...told }
}

const where: Where = { operation: 'open', component: 'link' }

const setupNames = {
  name: true,
  realtime: true,
  interval: true,
  timeout: true,
  guard: true,
  onMoved: true,
  round: true,
  guessPeer: true,
  runtime: true,
  logger: true,
  replica: true,
  transport: true,
  directions: true,
  filter: true,
  batch: true,
} as const
