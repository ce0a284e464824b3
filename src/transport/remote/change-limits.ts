import { fields, type Known, type Where, wholeNumber } from '../../errors/check.ts'

/** What one change of state may be. */
export interface ChangeLimits {
  /** Bytes of an object's data; at most `mostDataBytes`. */
  readonly dataBytes: number
}

/** As much as a tree writes, unless it is told otherwise. */
export const defaultChangeLimits: ChangeLimits = { dataBytes: 10 * 1024 * 1024 }

/** What a change may have at all: 64 MiB. */
export const mostDataBytes = 64 * 1024 * 1024

/** The defaults with what was given; throws `invalid_argument` naming a limit that makes no sense. */
export function changeLimitsOf(
  given: Partial<ChangeLimits> = {},
  where: Where,
  name = 'limits.change',
): ChangeLimits {
  const { dataBytes = defaultChangeLimits.dataBytes } = fields(name, given, where, changeLimitNames)
  const range = { from: 1, to: mostDataBytes }
  return { dataBytes: wholeNumber(`${name}.dataBytes`, dataBytes, where, range) }
}

const changeLimitNames: Known<ChangeLimits> = { dataBytes: true }
