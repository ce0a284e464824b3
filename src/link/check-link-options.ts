import {
  abortSignal,
  fields,
  type Known,
  optionalFunction,
  optionalLogger,
  wholeNumber,
  withMethods,
} from '../errors/check.ts'
import type { Change } from './change.ts'
import type { LinkOptions } from './link-options.ts'
import type { BatchSize } from './pace.ts'
import { mostCount } from './pace.ts'

/** How much a request may move, and whether its count may follow how quick requests are. */
export interface BatchChoice {
  readonly batch: BatchSize
  readonly adapts: boolean
}

/** Checks before anybody is asked; answers with the size of a batch. A batch of nothing would never end. */
export function checkLinkOptions<C extends Change>(
  options: LinkOptions<C>,
  signal: AbortSignal,
): BatchChoice {
  const { replica, transport, directions, filter, batch = {} } = fields('options', options, where)
  withMethods('replica', replica, ['identity', 'changes', 'apply'], 'a replica', where)
  withMethods('transport', transport, ['hello', 'push', 'pull'], 'a transport', where)
  if (filter !== undefined)
    withMethods('filter', filter, ['withhold'], 'what filterOf(…) answers', where)
  if (directions !== undefined) fields('directions', directions, where, directionNames)
  optionalFunction('onProgress', options.onProgress, where)
  optionalLogger(options.logger, where)
  abortSignal(signal, where)
  const { count = mostCount, bytes = 1024 * 1024 } = fields('batch', batch, where, batchSizeNames)
  const checked = {
    count: wholeNumber('batch.count', count, where, { from: 1 }),
    bytes: wholeNumber('batch.bytes', bytes, where, { from: 1 }),
  }
  return { batch: checked, adapts: batch.count === undefined }
}

const where = { operation: 'sync', component: 'link' }

const batchSizeNames: Known<BatchSize> = { count: true, bytes: true }

const directionNames = { push: true, pull: true } as const
