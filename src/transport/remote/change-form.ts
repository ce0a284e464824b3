import type { Where } from '../../errors/check.ts'
import type { Filter, FrameProblem } from '../../event/index.ts'

/** What is asked of a change to move it, whatever it is. */
export interface Sized {
  readonly id: string
  /** Bytes on the way, about. */
  readonly size: number
}

/** How one kind of change travels: all that the native protocol has to know of it. */
export interface ChangeForm<C extends Sized> {
  /** What one is called, in messages. */
  readonly noun: string
  /** What many are called, in messages and in addresses. */
  readonly plural: string
  /** Two lines, each with a line feed at its end. The same change, the same text. */
  encode(change: C): string
  /** Throws `invalid_frame` for a page that is broken; what only breaks a rule becomes a problem in its place. */
  decode(text: string): DecodedPage<C>
  /** Reads a filter's text, from elsewhere. Throws `invalid_argument`. */
  filterFrom(text: string, where: Where): Filter<C>
}

/** A page's changes, in order, and what its end line says. */
export interface DecodedPage<C> {
  readonly changes: readonly (C | FrameProblem)[]
  readonly end: unknown
}

export function isProblem(decoded: object): decoded is FrameProblem {
  return 'problem' in decoded
}
