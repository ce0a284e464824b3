import { goesOnAbove } from '../../clock/stamp.ts'
import type { Batch, Receipt } from '../../contracts/index.ts'
import type { LogEvent } from '../../event/index.ts'
import { isClash, stampBelow } from './ancestry.ts'
import type { LogContext } from './context.ts'
import { forked, rejected } from './receipts.ts'

/** Why an event is not taken in, for where it comes from or when it was written; `undefined` when it may be. */
export function refusalOf(
  context: LogContext,
  event: LogEvent,
  { role, via }: Batch<LogEvent>,
): Receipt | undefined {
  const skew = event.origin === null ? 'fine' : context.clock.judge(event.stamp)
  if (skew === 'unusable') return rejected('invalid', 'its stamp lies beyond the year 2200')
  if (role === 'pulled' || event.origin !== via) {
    if (skew === 'quarantine') warnOfClock(context, event)
    return undefined
  }
  // From here on: the origin itself brings it, so this is where it can be refused.
  // What must be above a stamp that stands here already would wait for as long as that one is ahead (T5).
  if (skew === 'quarantine' && !goesOnAbove(event.stamp, stampBelow(context.tables, event)))
    return rejected('clock', 'its stamp is a day or more ahead of this node', true)
  if (skew !== 'fine') warnOfClock(context, event)
  return isClash(context.tables, event) ? forked : undefined
}

function warnOfClock({ logger, clock }: LogContext, event: LogEvent): void {
  const warning = clock.warning()
  if (warning === undefined) return
  logger.warn('an event is stamped ahead of this clock', {
    id: event.id,
    origin: event.origin,
    stamp: String(event.stamp),
    ...warning,
  })
}
