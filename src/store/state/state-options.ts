import type { ClockLimits } from '../../clock/index.ts'
import { patternProblem, type StatePolicies, type StatePolicy } from '../../contracts/index.ts'
import {
  abortSignal,
  aFunction,
  fields,
  type Known,
  optionalLogger,
  optionalRuntime,
  text,
  unwanted,
  type Where,
} from '../../errors/check.ts'
import { type Logger, silentLogger } from '../../ports/index.ts'
import { type Runtime, systemRuntime } from '../../runtime/index.ts'
import type { Position } from '../../version/index.ts'
import { freshMeta } from '../log/index.ts'
import { policiesFor } from './policies.ts'
import type { StateMeta } from './tables.ts'

/** What every state storage takes. */
export interface StateStorageOptions {
  /** `[A-Za-z0-9._-]{1,255}`, used when the storage is made; default: drawn at random. */
  readonly node?: string
  /**
   * What becomes of concurrent versions, by path or pattern; default everywhere `last-write-wins`. Of several
   * that match, the one with a name where others have `*`. The same on all replicas, or they will differ.
   */
  readonly policies?: Readonly<Record<string, StatePolicy>>
  readonly clock?: Partial<ClockLimits>
  readonly logger?: Logger
  readonly runtime?: Runtime
  /** Gives up opening. Once it is open, this has no effect. */
  readonly signal?: AbortSignal
}

/** For `known` of `checkedStateOptions`, beside the names that a storage has of its own. */
export const stateStorageOptionNames: Known<StateStorageOptions> = {
  node: true,
  policies: true,
  clock: true,
  logger: true,
  runtime: true,
  signal: true,
}

/** The options with their defaults; throws `invalid_argument` before anything is opened. */
export function checkedStateOptions<Options extends StateStorageOptions>(
  options: Options,
  where: Where,
  known?: Known<Options>,
): Omit<Options, 'policies'> & {
  logger: Logger
  runtime: Runtime
  policies: StatePolicies
} {
  const {
    runtime = systemRuntime,
    logger = silentLogger,
    policies = {},
  } = fields('options', options, where, known)
  if (options.node !== undefined) text('node', options.node, where)
  optionalLogger(logger, where)
  optionalRuntime(runtime, where)
  abortSignal(options.signal, where)
  for (const [pattern, policy] of Object.entries(fields('policies', policies, where)))
    checkPolicy(pattern, policy, where)
  return { ...options, logger, runtime, policies: policiesFor(policies) }
}

/** The beginning of a storage. */
export function freshStateMeta(node: string | undefined, runtime: Runtime): StateMeta {
  const { node: id, origin, sequence, position, clock, vias } = freshMeta(node, runtime)
  const feed = { horizon: start, swept: start, reads: false }
  return { node: id, origin, sequence, position, clock, vias, ...feed }
}

const start = 0n as Position

function checkPolicy(pattern: string, policy: StatePolicy, where: Where): void {
  const name = `policies[${JSON.stringify(pattern)}]`
  const problem = patternProblem(pattern, [])
  if (problem !== undefined)
    throw unwanted('policies', pattern, `a path or pattern: it ${problem}`, where)
  fields(name, policy, where)
  text(`${name}.name`, policy.name, where)
  aFunction(`${name}.merge`, policy.merge, where)
  if (policy.write !== undefined) aFunction(`${name}.write`, policy.write, where)
}
