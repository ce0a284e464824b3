import { StateObject } from '../../contracts/index.ts'
import type { JsonText } from '../../json/json-text.ts'
import type { Reading } from './filters.ts'

/** What GET answers of one object; `undefined` where none is shown. Throws a refusal of the filter. */
export function shownObject(
  { show }: Reading,
  object: StateObject | undefined,
): string | undefined {
  return object && show(object)?.text
}

/**
 * What GET answers of objects in the reading's order: the text that a subscription's snapshot has. Throws a refusal
 * of the filter.
 */
export function shownList({ show, showAll }: Reading, objects: readonly StateObject[]): string {
  const shown = objects.map(show).filter((object) => object !== undefined)
  return `[${(showAll?.(shown) ?? shown).map(({ text }) => text).join(',')}]`
}

/** What would be written, for a filter to see. */
export function draftOf(path: string, { text }: JsonText): StateObject {
  return new StateObject({ created: 0n, updated: 0n, path, dataText: text })
}
