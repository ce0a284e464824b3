import { counted, durationText } from '../terminal/figures.ts'
import type { Style } from '../terminal/style.ts'
import type { Cell } from '../terminal/table.ts'
import { localTime, timeOfDay } from '../terminal/time-text.ts'
import type { ToldLink } from './told-status.ts'

export interface LinkTextOptions {
  /** Milliseconds since 1970. */
  readonly now: number
  /** No other link goes to this server: all keys are meant. */
  readonly isOnly: boolean
  readonly style: Style
}

/** What a link does, what waits, and why. */
export function linkText(link: ToldLink, { now, isOnly, style }: LinkTextOptions): Cell {
  const { phase, doing, keys, blocked, parked } = link
  const what = `${isOnly ? '' : `${keys.join(', ')}: `}${purposeOf(link)}`
  const refused = parked[0]
  const left = [
    unsentText(link),
    ...(refused === undefined
      ? []
      : [`${counted(parked.length, 'write')} refused: ${refused.message}`]),
  ]
  if (blocked === undefined)
    return { text: `${what}${phase}: ${[doing, ...left].join('; ')}`, paint: style.dim }
  const { cause, since, nextAttempt, message } = blocked
  const words = [`${cause} since ${moment(since, now)}`, ...left, nextText(nextAttempt, now)]
  const paint = cause === 'interval' ? style.dim : style.yellow
  return { text: `${what}${phase}: ${words.join(', ')}: ${message}`, paint }
}

function purposeOf({ reasons }: ToldLink): string {
  if (reasons.includes('leader')) return ''
  return reasons.includes('member') ? 'in place of the leader, ' : 'to agree on who leads, '
}

function unsentText({ unsent }: ToldLink): string {
  if (unsent === undefined) return 'nobody knows what is unsent'
  if (unsent.count === 0 && !unsent.more) return 'nothing is unsent'
  return `${unsent.more ? 'at least ' : ''}${counted(unsent.count, 'write')} unsent`
}

function nextText(at: number | undefined, now: number): string {
  if (at === undefined) return 'no attempt before somebody asks for it'
  return at <= now ? 'trying now' : `next attempt in ${durationText(at - now)}`
}

/** The time of a day that is not named is less than half a day away. */
function moment(milliseconds: number, now: number): string {
  return Math.abs(milliseconds - now) < 12 * 3_600_000
    ? timeOfDay(milliseconds)
    : localTime(milliseconds)
}
