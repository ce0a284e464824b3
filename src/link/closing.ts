import { fields, timerTime, trueOrFalse, type Where } from '../errors/check.ts'

/** How a link is closed. */
export interface LinkClosing {
  /** Whether to push what is left first. Default: when the link runs, and its remote was there last. */
  readonly flush?: boolean
  /** Milliseconds that may take. Default 2,000. */
  readonly within?: number
}

/** Throws `invalid_argument`. */
export function checkClosing(closing: LinkClosing, where: Where): void {
  const { flush, within } = fields('options', closing, where)
  if (flush !== undefined) trueOrFalse('flush', flush, where)
  if (within !== undefined) timerTime('within', within, where)
}
