import { keyOf, plainKeys } from './plain-keys.ts'
import { sourceTextJson } from './source-text.ts'

/**
 * What Go's encoding/json makes of a JSON text that it decodes into `any` and encodes again: numbers
 * rounded to doubles, keys sorted by their UTF-8 bytes, the last of repeated keys, `<`, `>`, `&` and the
 * line separators escaped, lone surrogates replaced. `undefined` when Go refuses the text, because a
 * number is larger than any double. A text that comes back as it was survives every such passage, and
 * what has passed once passes again unchanged.
 */
export function goJson(text: string): string | undefined {
  if (exceedsDoubles(text)) return undefined
  // The parser hands over inner values first, so each value becomes its text as it is visited.
  return sourceTextJson.parse(plainKeys(text), (_key, value, { source }) => {
    if (typeof value === 'number') {
      const number = Number(source)
      return Object.is(number, -0) ? '-0' : String(number)
    }
    if (typeof value === 'string') return goString(value)
    if (typeof value !== 'object' || value === null) return String(value)
    return Array.isArray(value) ? `[${value.join(',')}]` : goObject(value as TextByKey)
  }) as string
}

/** Whether a valid JSON text has a number, be it one that a repeated key hides, larger than any double. */
export function exceedsDoubles(text: string): boolean {
  if (!perhapsHuge.test(text)) return false
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '"') at = closingQuote(text, at)
    else if (digit.test(text[at] as string)) {
      number.lastIndex = at
      const [found = ''] = number.exec(text) ?? []
      if (!Number.isFinite(Number(found))) return true
      at += found.length - 1
    }
  }
  return false
}

/** A string as Go writes it. */
export function goString(text: string): string {
  return JSON.stringify(text.toWellFormed()).replace(escaped, escapeOf)
}

/** The order of Go's strings, which is that of their UTF-8 bytes. */
export function byBytes(one: string, other: string): number {
  const length = Math.min(one.length, other.length)
  for (let at = 0; at < length; at++) {
    const left = one.charCodeAt(at)
    const right = other.charCodeAt(at)
    if (left !== right) return rank(left) - rank(right)
  }
  return one.length - other.length
}

function goObject(members: TextByKey): string {
  const decoded = new Map<string, string>()
  for (const [key, value] of Object.entries(members)) decoded.set(keyOf(key).toWellFormed(), value)
  const keys = [...decoded.keys()].sort(byBytes)
  return `{${keys.map((key) => `${goString(key)}:${decoded.get(key)}`).join(',')}}`
}

function closingQuote(text: string, opening: number): number {
  let at = opening + 1
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at
}

// Surrogates stand for what lies behind all other characters.
function rank(unit: number): number {
  if (unit < 0xd800) return unit
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800
}

function escapeOf(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}

type TextByKey = Readonly<Record<string, string>>

const escaped = /[<>&\u2028\u2029]/g
const digit = /[0-9]/
const number = /[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?/y
// Nearly no text has a number that is worth a closer look.
const perhapsHuge = /\d[eE]\+?\d{3}|\d{200}/
