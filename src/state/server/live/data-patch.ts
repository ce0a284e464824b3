import { type JsonNode, nodeOf, open, textOf } from '../../../json/patch/json-node.ts'

/**
 * RFC 6902 operations, each as JSON text, that turn one value at a pointer into another; none for values that
 * are equal. Both are compact JSON, and what they have in common is not looked into. The value is replaced as a
 * whole where that is shorter, or where to look for less would take long.
 */
export function dataPatch(pointer: string, before: string, after: string): readonly string[] {
  if (before === after) return []
  const difference = new Difference(before, after)
  return difference.found(pointer) ?? [replaced(pointer, after)]
}

export function added(pointer: string, text: string): string {
  return `{"op":"add","path":${JSON.stringify(pointer)},"value":${text}}`
}

export function replaced(pointer: string, text: string): string {
  return `{"op":"replace","path":${JSON.stringify(pointer)},"value":${text}}`
}

export function removed(pointer: string): string {
  return `{"op":"remove","path":${JSON.stringify(pointer)}}`
}

/** One comparison, and what it may still cost. */
class Difference {
  readonly #before: string
  readonly #after: string
  readonly #found: string[] = []
  /** Characters that may still be looked at: each level of a deep value is scanned anew. */
  #looks: number
  /** Characters that all operations may have before replacing the whole is shorter. */
  #room: number

  constructor(before: string, after: string) {
    this.#before = before
    this.#after = after
    this.#looks = 2 * (before.length + after.length) + mostLooks
    this.#room = after.length + overhead
  }

  /** `undefined` when there is too much of it. */
  found(pointer: string): readonly string[] | undefined {
    this.#compare(pointer, nodeOf(this.#before), nodeOf(this.#after))
    return this.#isOver ? undefined : this.#found
  }

  get #isOver(): boolean {
    return this.#looks < 0 || this.#room < 0
  }

  #add(operation: string): void {
    this.#room -= operation.length
    if (!this.#isOver) this.#found.push(operation)
  }

  #compare(at: string, before: JsonNode, after: JsonNode): void {
    const [old, young] = [textOf(before), textOf(after)]
    if (old === young || this.#isOver) return
    this.#looks -= old.length + young.length
    if (this.#looks < 0) return
    if (hasMany(old) || hasMany(young)) {
      this.#add(replaced(at, young))
      return
    }
    const [from, to] = [open(before), open(after)]
    if (from.kind === 'list' && to.kind === 'list') this.#items(at, from.items, to.items)
    else if (from.kind === 'object' && to.kind === 'object' && isNamed(from.members, to.members))
      this.#members(at, from.members, to.members)
    else this.#add(replaced(at, young))
  }

  #members(
    at: string,
    before: ReadonlyMap<string, JsonNode>,
    after: ReadonlyMap<string, JsonNode>,
  ): void {
    for (const key of before.keys())
      if (!after.has(key)) this.#add(removed(`${at}/${escaped(key)}`))
    for (const [key, value] of after) {
      if (this.#isOver) return
      const held = before.get(key)
      const pointer = `${at}/${escaped(key)}`
      if (held === undefined) this.#add(added(pointer, textOf(value)))
      else this.#compare(pointer, held, value)
    }
  }

  #items(at: string, before: readonly JsonNode[], after: readonly JsonNode[]): void {
    const most = Math.min(before.length, after.length)
    let start = 0
    while (start < most && areSame(before[start], after[start])) start++
    let tail = 0
    while (tail < most - start && areSame(before.at(-1 - tail), after.at(-1 - tail))) tail++
    const [end, newEnd] = [before.length - tail, after.length - tail]
    const shared = Math.min(end, newEnd)
    for (let index = start; index < shared && !this.#isOver; index++)
      this.#compare(`${at}/${index}`, before[index] as JsonNode, after[index] as JsonNode)
    for (let index = end - 1; index >= shared && !this.#isOver; index--)
      this.#add(removed(`${at}/${index}`))
    for (let index = shared; index < newEnd && !this.#isOver; index++)
      this.#add(added(`${at}/${index}`, textOf(after[index] as JsonNode)))
  }
}

/** Whether clients would follow pointers to all that differs; libraries don't to some names, for what they mean. */
function isNamed(
  before: ReadonlyMap<string, JsonNode>,
  after: ReadonlyMap<string, JsonNode>,
): boolean {
  return unnamed.every((key) => areSame(before.get(key), after.get(key)))
}

function areSame(one: JsonNode | undefined, other: JsonNode | undefined): boolean {
  return (
    one === other || (one !== undefined && other !== undefined && textOf(one) === textOf(other))
  )
}

/** Whether taking it apart would make too many parts. */
function hasMany(text: string): boolean {
  if (text.length < mostParts) return false
  let parts = 0
  for (let at = text.indexOf(','); at >= 0 && parts < mostParts; at = text.indexOf(',', at + 1))
    parts++
  return parts === mostParts
}

function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}

const unnamed = ['__proto__', 'prototype']
/** What an operation has besides its value. */
const overhead = 60
const mostLooks = 4 * 1024 * 1024
const mostParts = 200_000
