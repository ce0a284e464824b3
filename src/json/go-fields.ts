import { membersOf, type Span } from './outline.ts'

/** Takes the value of one field; says what is wrong with it. */
export type FieldReader = (text: string, value: Span) => string | undefined

/**
 * Reads an object as Go decodes into a struct: keys in any case, unknown ones ignored, of repeated ones
 * the last counts, and a `null` changes nothing. Returns what is wrong; the text must be valid JSON.
 */
export function readFields(
  text: string,
  value: Span,
  name: string,
  readers: Readonly<Record<string, FieldReader>>,
): string | undefined {
  if (isNull(text, value)) return undefined
  if (text[value.from] !== '{') return `${name} must be an object`
  for (const member of membersOf(text, value.from)) {
    const key = folded(member.key)
    const read = Object.hasOwn(readers, key) ? readers[key] : undefined
    const problem = read?.(text, member)
    if (problem !== undefined) return problem
  }
  return undefined
}

/** A reader that hands over a string and leaves everything else to be refused. */
export function stringField(name: string, take: (value: string) => void): FieldReader {
  return (text, value) => {
    if (isNull(text, value)) return undefined
    if (text[value.from] !== '"') return `${name} must be a string`
    take(JSON.parse(text.slice(value.from, value.to)) as string)
    return undefined
  }
}

export function isNull(text: string, { from, to }: Span): boolean {
  return to - from === 4 && text.startsWith('null', from)
}

// Go folds by Unicode's simple rules, under which the long s is an s.
function folded(key: string): string {
  return key.replaceAll('\u017f', 's').toLowerCase()
}
