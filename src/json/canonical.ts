import { canonicalNumber } from './decimal.ts'
import { keyOf, plainKeys } from './plain-keys.ts'
import { sourceTextJson } from './source-text.ts'

/**
 * One text for all valid JSON texts that say the same: RFC 8785 (keys sorted by UTF-16 code units, no
 * white space, minimal escapes), except that numbers keep their exact decimal value instead of being
 * rounded to doubles. Of a repeated key the last counts, as in `JSON.parse`.
 */
export function canonicalJson(text: string): string {
  // The parser hands over inner values first, so each value becomes its text as it is visited.
  return sourceTextJson.parse(plainKeys(text), (_key, value, { source }) => {
    if (typeof value === 'number') return canonicalNumber(source as string)
    if (typeof value !== 'object' || value === null) return JSON.stringify(value)
    return Array.isArray(value) ? `[${value.join(',')}]` : canonicalObject(value as TextByKey)
  }) as string
}

function canonicalObject(members: TextByKey): string {
  const texts = new Map(Object.entries(members).map(([name, text]) => [keyOf(name), text]))
  const keys = [...texts.keys()].sort()
  return `{${keys.map((key) => `${JSON.stringify(key)}:${texts.get(key)}`).join(',')}}`
}

type TextByKey = Readonly<Record<string, string>>
