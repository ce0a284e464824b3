import {
  aFunction,
  fields,
  oneOf,
  text,
  timerTime,
  unwanted,
  type Where,
  wholeNumber,
} from '../errors/check.ts'
import { checkName } from './check-projection.ts'
import type { AnyEvents, FoldedEventOf, PoisonPolicy } from './projection-options.ts'

/**
 * What a subscriber is told. `event`: it has come into this log. `superseded`: it counts no more, because a
 * conflict was resolved against it. `reinstated`: it counts again after all.
 */
export interface Delivery<Event> {
  readonly kind: 'event' | 'superseded' | 'reinstated'
  readonly event: Event
}

export interface SubscriptionOptions<Events extends object> {
  /** `[A-Za-z0-9._-]`, at most 200 characters; where its cursor is kept. */
  readonly name: string
  /**
   * Told of each delivery after the one before it is done. May be told again of what it has been told of: after
   * a crash, of at most one batch. `signal` aborts when it takes too long or is not wanted any more.
   */
  readonly handler: (
    delivery: Delivery<FoldedEventOf<Events>>,
    options: { readonly signal: AbortSignal },
  ) => void | Promise<void>
  /** Only these types. */
  readonly types?: readonly (keyof Events & string)[]
  /** Where it begins when it is first run. Default `start`, with the log's first entry. */
  readonly from?: 'start' | 'now'
  /** What becomes of a delivery the handler throws over. Default `retry`. */
  readonly poison?: PoisonPolicy
  /** For one call of the handler. Milliseconds; default 30,000. */
  readonly timeout?: number
  /** Most deliveries from one commit of the cursor to the next. Default 100. */
  readonly batchSize?: number
}

export interface Subscription<Events extends object = AnyEvents> {
  readonly name: string
  readonly options: SubscriptionOptions<Events>
}

/**
 * For what is to happen once for each event: mails, payments, calls to others. Deliveries come in the order
 * of the log, each at least once; to have an effect once, see `outbox`. Throws `invalid_argument` for what
 * makes no sense.
 */
export function subscription<Events extends object = AnyEvents>(
  options: SubscriptionOptions<Events>,
): Subscription<Events> {
  const { name, handler, types, from, poison, timeout, batchSize } = fields(
    'options',
    options,
    where,
    subscriptionOptionNames,
  )
  checkName(name, where)
  aFunction('handler', handler, where)
  if (types !== undefined) checkTypes(types)
  if (from !== undefined) oneOf('from', from, ['start', 'now'], where)
  if (poison !== undefined) oneOf('poison', poison, ['stop', 'retry', 'deadLetter'], where)
  if (timeout !== undefined) timerTime('timeout', timeout, where)
  if (batchSize !== undefined) wholeNumber('batchSize', batchSize, where, { from: 1, to: 1_000 })
  return { name, options }
}

function checkTypes(types: unknown): void {
  if (!Array.isArray(types)) throw unwanted('types', types, 'a list of event types', where)
  for (const type of types) text('types[]', type, where)
}

const where: Where = { operation: 'subscription', component: 'projection' }

const subscriptionOptionNames = {
  name: true,
  handler: true,
  types: true,
  from: true,
  poison: true,
  timeout: true,
  batchSize: true,
} as const
