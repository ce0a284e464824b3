import { type LinkedChange, patternFilterFrom } from '../../contracts/index.ts'
import { fields, type Known, type Where, wholeNumber } from '../../errors/check.ts'
import type { Runtime } from '../../runtime/index.ts'
import type { ChangeForm } from './change-form.ts'
import { decodeChanges, encodeChange } from './state-frame.ts'

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

/** How changes of state travel. */
export function stateForm(
  limits: ChangeLimits,
  runtime: Pick<Runtime, 'sha256'>,
): ChangeForm<LinkedChange> {
  return {
    noun: 'change',
    plural: 'changes',
    encode: encodeChange,
    decode: (text) => decodeChanges(text, limits),
    filterFrom: (text, where) => patternFilterFrom(text, runtime, where),
  }
}

const changeLimitNames: Known<ChangeLimits> = { dataBytes: true }
