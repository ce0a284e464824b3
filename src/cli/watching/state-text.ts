import type { Blocked, Explanation, Unsent } from '../../sync/index.ts'
import { errorLine } from '../terminal/error-line.ts'
import { counted, durationText } from '../terminal/figures.ts'
import { visible } from '../terminal/text-width.ts'
import { localTime, timeOfDay } from '../terminal/time-text.ts'

export interface StateTextOptions {
  /** Milliseconds since 1970. */
  readonly now: number
  /** Events go to the remote at all. */
  readonly pushes: boolean
  /** The text is drawn anew all the time: times to come are counted down. */
  readonly counts: boolean
}

/** What an explanation says, in one line: first what matters, as a terminal may cut the rest. */
export function stateText(explanation: Explanation, options: StateTextOptions): string {
  const { phase, doing, unsent, blocked } = explanation
  const waits = options.pushes && unsent !== undefined && (unsent.count > 0 || unsent.more)
  const left = waits ? [unsentText(unsent)] : []
  if (blocked === undefined) {
    const isThere = options.pushes && unsent !== undefined && !waits
    return `${phase}: ${[...(isThere ? ['the remote has everything'] : left), doing].join('; ')}`
  }
  const { since, error, message } = blocked
  const cause = `${blocked.cause} since ${moment(since, options.now)}`
  // It is tried again by itself: only what that doesn't mend is anybody's task.
  const why = visible(error === undefined || error.retryable ? message : errorLine(error))
  return `${phase}: ${[cause, ...left, nextText(blocked, options)].join(', ')}: ${why}`
}

export function unsentText({ count, more }: Unsent): string {
  return `${more ? 'at least ' : ''}${counted(count, 'event')} unsent`
}

function nextText({ nextAttempt }: Blocked, { now, counts }: StateTextOptions): string {
  if (nextAttempt === undefined) return 'no attempt before somebody asks for it'
  if (nextAttempt <= now) return 'trying now'
  if (counts)
    return `next attempt in ${durationText(Math.ceil((nextAttempt - now) / 1_000) * 1_000)}`
  return `next attempt at ${moment(nextAttempt, now)}`
}

/** The time of a day that is not named is less than half a day away. */
function moment(milliseconds: number, now: number): string {
  const isNear = Math.abs(milliseconds - now) < 12 * 3_600_000
  return isNear ? timeOfDay(milliseconds) : localTime(milliseconds)
}
