import type { ClockLimits } from '../../clock/index.ts'
import {
  abortSignal,
  fields,
  type Known,
  optionalLogger,
  text,
  type Where,
} from '../../errors/check.ts'
import { type EventLimits, eventLimitsOf } from '../../event/index.ts'
import { type Logger, silentLogger } from '../../ports/index.ts'
import { type Runtime, systemRuntime } from '../../runtime/index.ts'

/** What every store takes. */
export interface StoreOptions {
  /** `[A-Za-z0-9._-]{1,255}`, used when the store is made; default: drawn at random. */
  readonly node?: string
  readonly limits?: Partial<EventLimits>
  readonly clock?: Partial<ClockLimits>
  readonly logger?: Logger
  readonly runtime?: Runtime
  /** Gives up opening; what was opened is closed again. Once it is open, this has no effect. */
  readonly signal?: AbortSignal
}

/** For `known` of `checkedOptions`, beside the names that a store has of its own. */
export const storeOptionNames: Known<StoreOptions> = {
  node: true,
  limits: true,
  clock: true,
  logger: true,
  runtime: true,
  signal: true,
}

/** The options with their defaults; throws `invalid_argument` before anything is opened. */
export function checkedOptions<Options extends StoreOptions>(
  options: Options,
  where: Where,
  known?: Known<Options>,
): Options & { limits: EventLimits; logger: Logger; runtime: Runtime } {
  const { runtime = systemRuntime, logger = silentLogger } = fields(
    'options',
    options,
    where,
    known,
  )
  if (options.node !== undefined) text('node', options.node, where)
  optionalLogger(logger, where)
  abortSignal(options.signal, where)
  const limits = eventLimitsOf(options.limits, where)
  return { ...options, limits, logger, runtime }
}
