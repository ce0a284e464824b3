import { sourceTextJson } from './source-text.ts'

/**
 * What Go's encoding/json makes of a JSON text that it decodes into `any` and encodes again: numbers
 * rounded to doubles, keys sorted by their UTF-8 bytes, the last of repeated keys, `<`, `>`, `&` and the
 * line separators escaped, lone surrogates replaced. `undefined` when Go refuses the text, because a
 * number is larger than any double. A text that comes back as it was survives every such passage, and
 * what has passed once passes again unchanged.
 */
export function goJson(text: string): string | undefined {
  let refused = false
  // The parser hands over inner values first, so each value becomes its text as it is visited.
  const passed = sourceTextJson.parse(text, (_key, value, { source }) => {
    if (typeof value === 'number') {
      const number = Number(source)
      if (!Number.isFinite(number)) refused = true
      return Object.is(number, -0) ? '-0' : String(number)
    }
    if (typeof value === 'string') return goString(value)
    if (typeof value !== 'object' || value === null) return String(value)
    return Array.isArray(value) ? `[${value.join(',')}]` : goObject(value as TextByKey)
  }) as string
  return refused ? undefined : passed
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
  const keys = Object.keys(members).sort(byBytes)
  return `{${keys.map((key) => `${goString(key)}:${members[key]}`).join(',')}}`
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
