import { elementsOf, membersOf } from '../outline.ts'
import { steps, type Work } from './work.ts'

/**
 * A JSON value taken apart only as far as a patch needs it: what is not looked into stays text, digit for
 * digit. Keys are entries of a map, so that none of them means anything to JavaScript.
 */
export type JsonNode = ObjectNode | ListNode | TextNode

export interface ObjectNode {
  readonly kind: 'object'
  readonly members: Map<string, JsonNode>
}

export interface ListNode {
  readonly kind: 'list'
  readonly items: JsonNode[]
}

/** A value as it is written; `open` takes it apart. */
export interface TextNode {
  readonly kind: 'text'
  readonly text: string
}

export function nodeOf(text: string): TextNode {
  return { kind: 'text', text }
}

/**
 * The outermost level of a value; a scalar stays text. The text must be valid and compact. Throws `too_large`
 * when that takes more than the work that is left.
 */
export function open(node: JsonNode, work?: Work): JsonNode {
  if (node.kind !== 'text') return node
  const { text } = node
  const isObject = text.startsWith('{')
  if (!isObject && !text.startsWith('[')) return node
  // All below is passed over once for each level above it.
  work?.spend(text.length)
  return isObject ? openObject(text, work) : openList(text, work)
}

export function textOf(node: JsonNode): string {
  switch (node.kind) {
    case 'text':
      return node.text
    case 'list':
      return `[${node.items.map(textOf).join(',')}]`
    case 'object': {
      const members = [...node.members].map(
        ([key, value]) => `${JSON.stringify(key)}:${textOf(value)}`,
      )
      return `{${members.join(',')}}`
    }
  }
}

export function isNull(node: JsonNode): boolean {
  return node.kind === 'text' && node.text === 'null'
}

function openObject(text: string, work: Work | undefined): ObjectNode {
  const members = new Map<string, JsonNode>()
  for (const { key, from, to } of membersOf(text, 0)) {
    work?.spend(steps.member)
    members.set(key, nodeOf(text.slice(from, to)))
  }
  return { kind: 'object', members }
}

function openList(text: string, work: Work | undefined): ListNode {
  const items: JsonNode[] = []
  for (const { from, to } of elementsOf(text, 0)) {
    work?.spend(steps.item)
    items.push(nodeOf(text.slice(from, to)))
  }
  return { kind: 'list', items }
}
