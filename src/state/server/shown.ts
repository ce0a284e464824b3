import { StateObject } from '../../contracts/index.ts'
import type { JsonText } from '../../json/json-text.ts'
import type { Reading } from './filters.ts'

/**
 * What GET answers of objects in the reading's order: the text that a subscription's snapshot has. `undefined`
 * where one object is meant and none is shown. Throws a refusal of the filter.
 */
export function shownText(reading: Reading, objects: readonly StateObject[]): string | undefined {
  const { pattern, show, showAll } = reading
  if (!pattern.includes('*')) return objects[0] && show(objects[0])?.text
  const shown = objects.map(show).filter((object) => object !== undefined)
  return `[${(showAll?.(shown) ?? shown).map(({ text }) => text).join(',')}]`
}

/** What would be written, for a filter to see. */
export function draftOf(path: string, { text }: JsonText): StateObject {
  return new StateObject({ created: 0n, updated: 0n, path, dataText: text })
}
