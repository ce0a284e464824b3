import {
  abortSignal,
  fields,
  optionalFunction,
  optionalLogger,
  unwanted,
  type Where,
  wholeNumber,
  withMethods,
} from '../errors/check.ts'
import type { SyncOptions } from './runs.ts'
import type { SyncNodeOptions } from './sync-node.ts'

export function checkNodeOptions(options: SyncNodeOptions): void {
  const where = at('new SyncNode')
  const { store, transport, batchSize, logger } = fields('options', options, where)
  const stores = 'an open event store, such as await SqliteStore.open(…)'
  withMethods('store', store, ['append', 'entries', 'changes', 'close'], stores, where)
  if (transport !== undefined)
    withMethods('transport', transport, ['hello', 'push', 'pull', 'close'], 'a transport', where)
  if (batchSize !== undefined) wholeNumber('batchSize', batchSize, where, { from: 1 })
  optionalLogger(logger, where)
}

export function checkSyncOptions(options: SyncOptions): void {
  signalIn('sync', options)
  optionalFunction('onProgress', options.onProgress, at('sync'))
}

/** The signal among a call's options. */
export function signalIn(
  operation: string,
  options: { readonly signal?: AbortSignal },
): AbortSignal | undefined {
  const where = at(operation)
  const { signal } = fields('options', options, where)
  abortSignal(signal, where)
  return signal
}

/** How many entries a read may yield: none is fine, and so is no end. */
export function mostEntries(count: number | undefined): number {
  if (count === undefined || count === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY
  return wholeNumber('count', count, at('read'))
}

/** What was decided on one aggregate's history can't be held against another's heads. */
export function checkDecision(events: unknown, aggregateId: string): void {
  if (!Array.isArray(events))
    throw unwanted('what the decider answers', events ?? null, 'a list of events', at('decide'))
  // What is no event at all, the append refuses in its own words.
  const stray = events.find((event) => ofAnother(event, aggregateId))
  if (stray === undefined) return
  const wanted = `${JSON.stringify(aggregateId)}, which was decided on`
  throw unwanted('the aggregateId of every event', stray.aggregateId, wanted, at('decide'))
}

export function at(operation: string): Where {
  return { operation, component: 'sync' }
}

function ofAnother(event: unknown, aggregateId: string): boolean {
  const given = (event as { readonly aggregateId?: unknown } | null | undefined)?.aggregateId
  return typeof given === 'string' && given !== aggregateId
}
