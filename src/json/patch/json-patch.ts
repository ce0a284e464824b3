import { canonicalJson } from '../canonical.ts'
import { type JsonNode, nodeOf, open, textOf } from './json-node.ts'
import { unfit } from './unfit.ts'
import { steps, Work } from './work.ts'

/**
 * RFC 6902: operations one after the other, all of them or none. Throws `invalid_argument`, and `too_large` for
 * more work than one patch may take.
 */
export function jsonPatched(target: JsonNode, patch: JsonNode, work = new Work()): JsonNode {
  const list = open(patch, work)
  if (list.kind !== 'list') throw unfit('', 'a JSON Patch is a list of operations')
  if (list.items.length > mostOperations)
    throw unfit('', `it has more than ${mostOperations} operations`)
  // A holder above the document, so that the document itself can be replaced.
  const holder: Holder = { root: target, work }
  for (const item of list.items) perform(holder, operationOf(item, work))
  return holder.root
}

interface Holder {
  root: JsonNode
  readonly work: Work
}

interface Operation {
  readonly op: string
  readonly path: readonly string[]
  readonly from?: readonly string[]
  readonly value?: JsonNode
}

function perform(holder: Holder, { op, path, from = [], value }: Operation): void {
  if (op === 'add') add(holder, path, value as JsonNode)
  else if (op === 'replace') replace(holder, path, value as JsonNode)
  else if (op === 'remove') remove(holder, path)
  else if (op === 'move') {
    if (isInside(path, from)) throw unfit(shown(path), 'a value can not move into itself')
    add(holder, path, remove(holder, from))
  } else if (op === 'copy') {
    // As text, so that two places never share what one of them changes.
    const text = written(holder, from)
    add(holder, path, nodeOf(text))
  } else if (op === 'test') test(holder, path, textOf(value as JsonNode))
  else throw unfit(shown(path), `there is no operation ${JSON.stringify(op)}`)
}

function add(holder: Holder, path: readonly string[], value: JsonNode): void {
  const key = path.at(-1)
  if (key === undefined) {
    holder.root = value
    return
  }
  const parent = opened(holder, path.slice(0, -1))
  if (parent.kind === 'object') parent.members.set(key, value)
  else if (parent.kind === 'list') {
    const at = key === '-' ? parent.items.length : indexIn(path, key, parent.items.length)
    holder.work.spend((parent.items.length - at) * steps.shift)
    parent.items.splice(at, 0, value)
  } else throw absent(path)
}

function replace(holder: Holder, path: readonly string[], value: JsonNode): void {
  const key = path.at(-1)
  if (key === undefined) {
    holder.root = value
    return
  }
  const parent = opened(holder, path.slice(0, -1))
  if (parent.kind === 'object' && parent.members.has(key)) parent.members.set(key, value)
  else if (parent.kind === 'list') parent.items[indexIn(path, key, parent.items.length - 1)] = value
  else throw absent(path)
}

function remove(holder: Holder, path: readonly string[]): JsonNode {
  const key = path.at(-1)
  if (key === undefined) throw unfit('', 'the whole can not be removed: delete the object')
  const value = valueAt(holder, path)
  const parent = opened(holder, path.slice(0, -1))
  if (parent.kind === 'object') parent.members.delete(key)
  else if (parent.kind === 'list') {
    const at = indexIn(path, key, parent.items.length)
    holder.work.spend((parent.items.length - at) * steps.shift)
    parent.items.splice(at, 1)
  }
  return value
}

function test(holder: Holder, path: readonly string[], wanted: string): void {
  const held = written(holder, path)
  if (held === wanted) return
  holder.work.spend((held.length + wanted.length) * steps.compared)
  if (canonicalJson(held) !== canonicalJson(wanted)) throw unfit(shown(path), 'the test fails')
}

/** A value as text. A few copies of the whole into itself would take all memory. */
function written(holder: Holder, path: readonly string[]): string {
  const text = textOf(valueAt(holder, path))
  holder.work.spend(text.length * steps.written)
  return text
}

function valueAt(holder: Holder, path: readonly string[]): JsonNode {
  const key = path.at(-1)
  if (key === undefined) return holder.root
  const parent = opened(holder, path.slice(0, -1))
  const value =
    parent.kind === 'object'
      ? parent.members.get(key)
      : parent.kind === 'list'
        ? parent.items[indexIn(path, key, parent.items.length - 1)]
        : undefined
  if (value === undefined) throw absent(path)
  return value
}

/** The value at a path, taken apart where it stands. */
function opened(holder: Holder, path: readonly string[]): JsonNode {
  const { work } = holder
  holder.root = open(holder.root, work)
  let node = holder.root
  for (const [depth, key] of path.entries()) {
    let next: JsonNode | undefined
    if (node.kind === 'object') {
      next = node.members.get(key)
      if (next !== undefined) {
        next = open(next, work)
        node.members.set(key, next)
      }
    } else if (node.kind === 'list') {
      const at = indexIn(path.slice(0, depth + 1), key, node.items.length - 1)
      next = open(node.items[at] as JsonNode, work)
      node.items[at] = next
    }
    if (next === undefined) throw absent(path.slice(0, depth + 1))
    node = next
  }
  return node
}

function operationOf(item: JsonNode, work: Work): Operation {
  const node = open(item, work)
  if (node.kind !== 'object') throw unfit('', 'an operation is an object')
  const { members } = node
  const op = stringIn(members, 'op')
  const path = pointerOf(stringIn(members, 'path'))
  const value = members.get('value')
  if (['add', 'replace', 'test'].includes(op) && value === undefined)
    throw unfit(shown(path), `"${op}" needs a value`)
  const needsFrom = op === 'move' || op === 'copy'
  return {
    op,
    path,
    ...(needsFrom && { from: pointerOf(stringIn(members, 'from')) }),
    ...(value && { value }),
  }
}

function stringIn(members: ReadonlyMap<string, JsonNode>, name: string): string {
  const node = members.get(name)
  if (node?.kind === 'text' && node.text.startsWith('"')) return JSON.parse(node.text) as string
  throw unfit('', `an operation needs "${name}", a string`)
}

/** RFC 6901. */
function pointerOf(text: string): readonly string[] {
  if (text === '') return []
  if (!text.startsWith('/') || /~(?![01])/.test(text))
    throw unfit(text.slice(0, 100), 'that is no JSON Pointer')
  const segments = text.slice(1).split('/')
  if (segments.length > deepest)
    throw unfit(text.slice(0, 100), `that is more than ${deepest} deep`)
  return segments.map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function indexIn(path: readonly string[], key: string, most: number): number {
  if (/^(0|[1-9][0-9]{0,9})$/.test(key) && Number(key) <= most) return Number(key)
  throw absent(path)
}

function isInside(path: readonly string[], outer: readonly string[]): boolean {
  return path.length > outer.length && outer.every((segment, at) => segment === path[at])
}

function absent(path: readonly string[]): Error {
  return unfit(shown(path), 'there is nothing')
}

function shown(path: readonly string[]): string {
  return path
    .map((segment) => `/${segment}`)
    .join('')
    .slice(0, 100)
}

const mostOperations = 10_000
const deepest = 128
