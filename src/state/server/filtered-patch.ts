import { JsonText, jsonTextOf } from '../../json/json-text.ts'
import { type PatchForm, patched } from '../../json/patch/patched.ts'
import type { Absent, Kept, State, Written } from '../state.ts'
import type { StateFilter } from './filter.ts'
import { asked } from './refusal.ts'
import { draftOf } from './shown.ts'

export interface FilteredPatch {
  readonly state: State
  readonly filter: NonNullable<StateFilter['write']>
  readonly path: string
  readonly form: PatchForm
  readonly change: JsonText
  readonly signal: AbortSignal
}

/**
 * A patch whose result passes a filter: made again when somebody else has written meanwhile, so that nothing
 * is stored that the filter has not seen.
 */
export async function filteredPatch({
  state,
  filter,
  path,
  form,
  change,
  signal,
}: FilteredPatch): Promise<Written | Kept | Absent> {
  for (;;) {
    signal.throwIfAborted()
    const object = await state.get(path, signal)
    if (object === undefined) return { kind: 'absent' }
    const result = new JsonText(patched(form, object.dataText, change.text))
    const data = await asked(() => filter(draftOf(path, result)))
    const given = data === undefined ? result : new JsonText(jsonTextOf(data))
    const outcome = await state.set(path, given, { expected: object, signal })
    if (outcome.kind !== 'stale') return outcome
  }
}
