import { type LinkedChange, patternFilterFrom } from '../../contracts/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import type { ChangeForm } from './change-form.ts'
import type { ChangeLimits } from './change-limits.ts'
import { decodeChanges, encodeChange } from './state-frame.ts'

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
