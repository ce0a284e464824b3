import { scanJson } from '../scan.ts'
import { nodeOf, textOf } from './json-node.ts'
import { jsonPatched } from './json-patch.ts'
import { merged, mergePatched } from './merge.ts'
import { unfit } from './unfit.ts'
import { Work } from './work.ts'

/**
 * - `merge` (default): objects recursively, `null` sets null; an object over something else, or the reverse,
 *   does not fit
 * - `merge-patch`: RFC 7396
 * - `json-patch`: RFC 6902
 */
export type PatchForm = 'merge' | 'merge-patch' | 'json-patch'

/**
 * Data with a patch on it, both as compact JSON text. What the patch does not touch stays digit for digit.
 * Throws `invalid_argument` for a patch that does not fit, and `too_large` for one that would take more time
 * and memory than one patch may.
 */
export function patched(form: PatchForm, data: string, patch: string): string {
  const [target, changes, work] = [nodeOf(data), nodeOf(patch), new Work()]
  switch (form) {
    case 'merge':
      return textOf(merged(target, changes, work))
    case 'merge-patch':
      return textOf(mergePatched(target, changes, work))
    case 'json-patch':
      return noDeeper(textOf(jsonPatched(target, changes, work)))
  }
}

/** Only operations can put one deep value into another. */
function noDeeper(text: string): string {
  if (scanJson(text, deepest) < 0) return text
  throw unfit('', `it makes data nested more than ${deepest} deep`)
}

const deepest = 128
