import { nodeOf, textOf } from './json-node.ts'
import { jsonPatched } from './json-patch.ts'
import { merged, mergePatched } from './merge.ts'

/**
 * - `merge` (default): objects recursively, `null` sets null; an object over something else, or the reverse,
 *   does not fit
 * - `merge-patch`: RFC 7396
 * - `json-patch`: RFC 6902
 */
export type PatchForm = 'merge' | 'merge-patch' | 'json-patch'

/**
 * Data with a patch on it, both as compact JSON text. What the patch does not touch stays digit for digit.
 * Throws `invalid_argument` for a patch that does not fit.
 */
export function patched(form: PatchForm, data: string, patch: string): string {
  const [target, changes] = [nodeOf(data), nodeOf(patch)]
  switch (form) {
    case 'merge':
      return textOf(merged(target, changes))
    case 'merge-patch':
      return textOf(mergePatched(target, changes))
    case 'json-patch':
      return textOf(jsonPatched(target, changes))
  }
}
