import type { Runtime } from '../runtime/index.ts'
import { utf8Length } from './utf8.ts'

/** Names one event for ever, on every node. Any text within the limits; generated ones are UUIDv7. */
export type EventId = string & { readonly __brand: 'EventId' }

/** Names a store: `[A-Za-z0-9._-]{1,255}`, chosen by its owner or drawn at random. */
export type NodeId = string & { readonly __brand: 'NodeId' }

/**
 * Node id and incarnation, as `node~incarnation`. Renewed whenever the store turns out to be a copy or
 * an older backup, so that no two histories go on under one origin.
 */
export type Origin = string & { readonly __brand: 'Origin' }

/** A link is known by the origin at its other end: another history there is another link. */
export type LinkId = Origin

export function isNodeId(text: string): text is NodeId {
  return nodeForm.test(text)
}

/** An origin of that node that nobody has had: its incarnation is 64 bits drawn at random. */
export function newOrigin(node: NodeId, runtime: Pick<Runtime, 'randomBytes'>): Origin {
  let incarnation = ''
  for (const byte of runtime.randomBytes(8)) incarnation += byte.toString(16).padStart(2, '0')
  return `${node}~${incarnation}` as Origin
}

/** The text as an origin; `undefined` when it is none. Never throws. */
export function parseOrigin(text: string): Origin | undefined {
  return typeof text === 'string' && originForm.test(text) ? (text as Origin) : undefined
}

export function nodeOf(origin: Origin): NodeId {
  return origin.slice(0, origin.indexOf('~')) as NodeId
}

/**
 * What is wrong with an id, type or aggregate id; `undefined` for a good one. Control characters are
 * refused because the content hash joins its parts by line feeds.
 */
export function idProblem(text: unknown, maxBytes: number): string | undefined {
  if (typeof text !== 'string') return 'must be a string'
  if (!plain.test(text)) {
    if (text === '') return 'must not be empty'
    if (!text.isWellFormed()) return 'has a lone surrogate, which no UTF-8 can carry'
    if (control.test(text)) return 'must not contain control characters'
  }
  if (text.length * 3 <= maxBytes) return undefined
  const bytes = utf8Length(text)
  return bytes > maxBytes ? `has ${bytes} bytes, at most ${maxBytes} are allowed` : undefined
}

const nodeForm = /^[A-Za-z0-9._-]{1,255}$/
const originForm = /^[A-Za-z0-9._-]{1,255}~[0-9a-f]{16}$/
// biome-ignore-start lint/suspicious/noControlCharactersInRegex: they are what these look for
const control = /[\u0000-\u001f\u007f]/
/** Nearly every id: one look instead of three. */
const plain = /^[^\u0000-\u001f\u007f\ud800-\udfff]+$/
// biome-ignore-end lint/suspicious/noControlCharactersInRegex: they are what these look for
