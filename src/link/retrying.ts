import type { Transport } from '../contracts/index.ts'
import {
  fields,
  type Known,
  timerTime,
  unwanted,
  type Where,
  wholeNumber,
} from '../errors/check.ts'
import { RejoinError } from '../errors/index.ts'
import { type Logger, silentLogger } from '../ports/index.ts'
import type { Runtime } from '../runtime/index.ts'
import { aroundCalls } from './around-calls.ts'

/** How often a call that failed is made again, and after how long. Times are milliseconds. */
export interface RetryPolicy {
  /** Calls in all, the first one included. Default 3. */
  readonly tries: number
  /** The longest wait before the second try. Default 100. */
  readonly first: number
  /** Each further wait may be longer by this factor. Default 2. */
  readonly factor: number
  /** No random wait is longer, and a remote that asks for more is not called again. Default 5,000. */
  readonly longest: number
}

/**
 * The same transport, but a call that fails in a way that may pass (`retryable`) is made again: after a
 * random part of the wait (full jitter), so that many nodes that failed together don't come back together.
 * It comes on top of what the remote asked for (`details.retryAfter`), for the same reason. What asks for
 * more patience than the longest wait is not tried again here. An abort ends a wait at once. Repeats are harmless (S3).
 */
export function retrying<C>(
  transport: Transport<C>,
  policy: RetryPolicy,
  runtime: Runtime,
  logger: Logger = silentLogger,
): Transport<C> {
  return aroundCalls(transport, async (operation, call, signal) => {
    for (let tries = 1; ; tries++) {
      try {
        return await call(signal)
      } catch (error) {
        signal?.throwIfAborted()
        const wait = waitAfter(error, tries, policy, runtime)
        if (wait === undefined) throw error
        logger.info('a call to the remote is tried again', { operation, tries, wait, error })
        await runtime.sleep(wait, signal)
      }
    }
  })
}

/** The defaults with what was given; throws `invalid_argument` for what makes no sense. */
export function retryPolicy(given: Partial<RetryPolicy>, where: Where): RetryPolicy {
  const {
    tries = 3,
    first = 100,
    factor = 2,
    longest = 5_000,
  } = fields('retry', given, where, retryPolicyNames)
  wholeNumber('retry.tries', tries, where, { from: 1 })
  timerTime('retry.first', first, where, 0)
  timerTime('retry.longest', longest, where, 0)
  if (!(Number.isFinite(factor) && factor >= 1))
    throw unwanted('retry.factor', factor, 'a number from 1', where)
  return { tries, first, factor, longest }
}

/** What a remote that failed asks for, when it says so: milliseconds. */
export function askedPatience(error: unknown): number {
  const asked = error instanceof RejoinError ? error.details.retryAfter : undefined
  return typeof asked === 'number' && asked > 0 ? asked : 0
}

/** Milliseconds until the next try; `undefined` for none. */
function waitAfter(
  error: unknown,
  tries: number,
  { tries: most, first, factor, longest }: RetryPolicy,
  runtime: Pick<Runtime, 'random'>,
): number | undefined {
  if (tries >= most || !(error instanceof RejoinError) || !error.retryable) return undefined
  const asked = askedPatience(error)
  if (asked > longest) return undefined
  const ceiling = Math.min(first * factor ** (tries - 1), longest)
  return asked + Math.round(runtime.random() * ceiling)
}

const retryPolicyNames: Known<RetryPolicy> = {
  tries: true,
  first: true,
  factor: true,
  longest: true,
}
