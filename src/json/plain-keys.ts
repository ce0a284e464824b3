import type { Span } from './outline.ts'

/*
 * V8's JSON.parse can take a key that is written with escapes for another one that it has read before
 * (nodejs/node#63785): after {"h":[],"\\":0}, the text {"h":1,"\"":2} has a key `\`. So the keys of a text
 * that writes one with escapes are given names without any before V8 sees them, and get their own back
 * afterwards. All of them, so that of repeated keys the last counts however each is written.
 */

/** The same JSON text; when one of its keys is written with an escape, each key is replaced: see `keyOf`. */
export function plainKeys(text: string): string {
  if (!text.includes('\\') && !text.includes(mark)) return text
  for (const key of keysIn(text)) if (isSuspect(text, key)) return renamed(text)
  return text
}

/** The key that a name in a parsed text stands for; nearly always itself. */
export function keyOf(name: string): string {
  if (!name.startsWith(mark)) return name
  return name.slice(mark.length).replace(unit, (hex) => String.fromCharCode(parseInt(hex, 16)))
}

/** Gives the keys of an object back what they were. */
export function withOwnKeys(value: object): object {
  if (!Object.keys(value).some((name) => name.startsWith(mark))) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [keyOf(name), member]))
}

/** `JSON.parse`, with the keys that are in the text. */
export function parseJson(text: string): unknown {
  const plain = plainKeys(text)
  if (plain === text) return JSON.parse(text)
  return JSON.parse(plain, (_key, value: unknown) => {
    const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isRecord ? withOwnKeys(value) : value
  })
}

function renamed(text: string): string {
  let plain = ''
  let done = 0
  for (const { from, to } of keysIn(text)) {
    plain += `${text.slice(done, from)}"${nameOf(JSON.parse(text.slice(from, to)) as string)}"`
    done = to
  }
  return plain + text.slice(done)
}

function* keysIn(text: string): Generator<Span> {
  for (let from = text.indexOf('"'); from >= 0; ) {
    const to = afterString(text, from)
    if (isKey(text, to)) yield { from, to }
    from = text.indexOf('"', to)
  }
}

function isSuspect(text: string, { from, to }: Span): boolean {
  return text.startsWith(mark, from + 1) || text.slice(from, to).includes('\\')
}

function nameOf(key: string): string {
  let name = mark
  for (let at = 0; at < key.length; at++) name += key.charCodeAt(at).toString(16).padStart(4, '0')
  return name
}

function isKey(text: string, to: number): boolean {
  let at = to
  while (space.has(text[at] as string)) at++
  return text[at] === ':'
}

function afterString(text: string, opening: number): number {
  let closing = text.indexOf('"', opening + 1)
  while (closing >= 0 && isEscaped(text, closing)) closing = text.indexOf('"', closing + 1)
  return closing < 0 ? text.length : closing + 1
}

function isEscaped(text: string, at: number): boolean {
  let from = at
  while (text[from - 1] === '\\') from--
  return (at - from) % 2 === 1
}

/** Of the private use area: who has such keys gets them back as well. */
const mark = '\uf5e1'
const unit = /[0-9a-f]{4}/g
const space: ReadonlySet<string> = new Set([' ', '\t', '\n', '\r'])
