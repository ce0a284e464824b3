import type { StateObject } from '../../../contracts/index.ts'
import { added, removed } from './data-patch.ts'
import type { LiveList } from './live-list.ts'
import type { LiveValue, ValueChange } from './live-value.ts'
import { objectPatch } from './object-patch.ts'

type ShowAll = (objects: readonly StateObject[]) => readonly StateObject[]

/** What a filter makes of a whole list: asked once for each change, and compared with what it gave before. */
export class FilteredList implements LiveValue {
  readonly #list: LiveList
  readonly #show: ShowAll
  #shown: readonly StateObject[]
  #text: string | undefined

  constructor(list: LiveList, show: ShowAll) {
    this.#list = list
    this.#show = show
    this.#shown = show(list.objects)
  }

  get text(): string {
    this.#text ??= `[${this.#shown.map(({ text }) => text).join(',')}]`
    return this.#text
  }

  get size(): number {
    return this.text.length
  }

  apply(changes: readonly ValueChange[]): readonly string[] | undefined {
    this.#list.apply(changes)
    const before = this.#shown
    this.#shown = this.#show(this.#list.objects)
    const patch = listPatch(before, this.#shown)
    if (patch?.length !== 0) this.#text = undefined
    return patch
  }
}

/** `undefined` when objects have changed places, or one stands in two. */
function listPatch(
  before: readonly StateObject[],
  after: readonly StateObject[],
): readonly string[] | undefined {
  const old = new Map(before.map((object) => [object.path, object]))
  const young = new Map(after.map((object) => [object.path, object]))
  if (old.size !== before.length || young.size !== after.length) return undefined
  const patch: string[] = []
  for (let at = before.length - 1; at >= 0; at--)
    if (!young.has((before[at] as StateObject).path)) patch.push(removed(`/${at}`))
  const kept = before.filter(({ path }) => young.has(path))
  let next = 0
  for (const [at, object] of after.entries()) {
    const held = old.get(object.path)
    if (held === undefined) patch.push(added(`/${at}`, object.text))
    else if (kept[next++]?.path !== object.path) return undefined
    else patch.push(...objectPatch(`/${at}`, held, object))
  }
  return patch
}
