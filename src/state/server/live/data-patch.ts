import { type JsonNode, nodeOf, open, textOf } from '../../../json/patch/json-node.ts'

/**
 * RFC 6902 operations, each as JSON text, that turn one value at a pointer into another; none for values that
 * are equal. Both are compact JSON, and what they have in common is not looked into.
 */
export function dataPatch(pointer: string, before: string, after: string): string[] {
  const found: string[] = []
  differ(pointer, nodeOf(before), nodeOf(after), found)
  return found
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

function differ(at: string, before: JsonNode, after: JsonNode, found: string[]): void {
  const [old, young] = [textOf(before), textOf(after)]
  if (old === young) return
  const [from, to] = [open(before), open(after)]
  if (from.kind === 'object' && to.kind === 'object') {
    const inner: string[] = []
    const isNamed = membersDiffer(at, from.members, to.members, inner)
    found.push(...(isNamed ? inner : [replaced(at, young)]))
  } else if (from.kind === 'list' && to.kind === 'list')
    itemsDiffer(at, from.items, to.items, found)
  else found.push(replaced(at, young))
}

/** False, and nothing of use found, when a difference has no pointer that clients would follow. */
function membersDiffer(
  at: string,
  before: ReadonlyMap<string, JsonNode>,
  after: ReadonlyMap<string, JsonNode>,
  found: string[],
): boolean {
  for (const key of before.keys()) {
    if (after.has(key)) continue
    if (unnamed.has(key)) return false
    found.push(removed(`${at}/${escaped(key)}`))
  }
  for (const [key, value] of after) {
    const held = before.get(key)
    if (held !== undefined && textOf(held) === textOf(value)) continue
    if (unnamed.has(key)) return false
    const pointer = `${at}/${escaped(key)}`
    if (held === undefined) found.push(added(pointer, textOf(value)))
    else differ(pointer, held, value, found)
  }
  return true
}

function itemsDiffer(
  at: string,
  before: readonly JsonNode[],
  after: readonly JsonNode[],
  found: string[],
): void {
  const most = Math.min(before.length, after.length)
  const same = (one: number, other: number) =>
    textOf(before[one] as JsonNode) === textOf(after[other] as JsonNode)
  let start = 0
  while (start < most && same(start, start)) start++
  let tail = 0
  while (tail < most - start && same(before.length - 1 - tail, after.length - 1 - tail)) tail++
  const [end, newEnd] = [before.length - tail, after.length - tail]
  const shared = Math.min(end, newEnd)
  for (let index = start; index < shared; index++)
    differ(`${at}/${index}`, before[index] as JsonNode, after[index] as JsonNode, found)
  for (let index = end - 1; index >= shared; index--) found.push(removed(`${at}/${index}`))
  for (let index = shared; index < newEnd; index++)
    found.push(added(`${at}/${index}`, textOf(after[index] as JsonNode)))
}

function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}

/** Libraries refuse to follow these names, because of what they mean to JavaScript: their object is replaced. */
const unnamed: ReadonlySet<string> = new Set(['__proto__', 'prototype'])
