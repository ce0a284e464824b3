import type { StateObject } from '../../contracts/index.ts'
import { type JsonNode, nodeOf, textOf } from '../../json/patch/json-node.ts'
import { jsonPatched } from '../../json/patch/json-patch.ts'
import { Malformed, readList, readObject } from '../rest/read-object.ts'
import type { StateMessage } from './message.ts'

/** What a subscription has come to: snapshots, and the patches on them. */
export interface HeldValue<Value> {
  readonly value: Value
  /**
   * Whether it changes anything. Throws for what makes no sense, and is then of no use until a snapshot.
   */
  take(message: StateMessage): boolean
}

export class HeldObject implements HeldValue<StateObject | undefined> {
  readonly #path: string
  #text = ''
  #object: StateObject | undefined

  constructor(path: string) {
    this.#path = path
  }

  get value(): StateObject | undefined {
    return this.#object
  }

  take({ data, isSnapshot }: StateMessage): boolean {
    if (!isSnapshot && this.#text === '') throw new Malformed('a patch before any snapshot')
    const text = isSnapshot ? data : textOf(jsonPatched(nodeOf(this.#text), nodeOf(data)))
    if (text === this.#text) return false
    this.#object = readObject(text, this.#path)
    this.#text = text
    return true
  }
}

export class HeldList implements HeldValue<readonly StateObject[]> {
  readonly #pattern: string
  /** Each as text: what a patch has taken apart is put together again. */
  #items: readonly JsonNode[] | undefined
  #objects: readonly StateObject[] = []
  #known = new Map<string, StateObject>()

  constructor(pattern: string) {
    this.#pattern = pattern
  }

  get value(): readonly StateObject[] {
    return this.#objects
  }

  take({ data, isSnapshot }: StateMessage): boolean {
    const before = this.#objects
    const isFirst = this.#items === undefined
    const texts = isSnapshot ? readList(data) : this.#patched(data)
    const known = new Map<string, StateObject>()
    const objects = texts.map((text) => {
      const object = this.#known.get(text) ?? readObject(text, this.#pattern)
      if (object === undefined) throw new Malformed('an empty object in a list')
      known.set(text, object)
      return object
    })
    this.#items = texts.map(nodeOf)
    this.#known = known
    this.#objects = objects
    const isSame =
      objects.length === before.length && objects.every((object, at) => object === before[at])
    return isFirst || !isSame
  }

  #patched(patch: string): readonly string[] {
    if (this.#items === undefined) throw new Malformed('a patch before any snapshot')
    const patched = jsonPatched({ kind: 'list', items: [...this.#items] }, nodeOf(patch))
    return patched.kind === 'list' ? patched.items.map(textOf) : readList(textOf(patched))
  }
}
