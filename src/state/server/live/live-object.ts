import { emptyObjectText, type StateObject } from '../../../contracts/index.ts'
import type { LiveValue, ValueChange } from './live-value.ts'
import { objectPatch } from './object-patch.ts'

type Show = (object: StateObject) => StateObject | undefined

/** One object, or the empty object where none is shown. */
export class LiveObject implements LiveValue {
  readonly #show: Show
  #shown: StateObject | undefined

  constructor(object: StateObject | undefined, show: Show) {
    this.#show = show
    this.#shown = object && show(object)
  }

  get text(): string {
    return this.#shown?.text ?? emptyObjectText
  }

  get size(): number {
    return this.text.length
  }

  apply(changes: readonly ValueChange[]): readonly string[] | undefined {
    const last = changes.at(-1)
    if (last === undefined) return []
    const before = this.#shown
    const after = last.object && this.#show(last.object)
    this.#shown = after
    if (before === undefined && after === undefined) return []
    // The empty object has other members.
    if (before === undefined || after === undefined) return undefined
    return objectPatch('', before, after)
  }
}
