/**
 * The members of a JSON object as they are written: each value's exact text by its key. The text must be
 * valid JSON with an object outermost; a key that comes twice is answered instead of the members.
 */
export function membersOf(text: string): ReadonlyMap<string, string> | { readonly twice: string } {
  const members = new Map<string, string>()
  let at = skipSpace(text, text.indexOf('{') + 1)
  while (text[at] !== '}') {
    const keyEnd = stringEnd(text, at)
    const key = JSON.parse(text.slice(at, keyEnd)) as string
    const from = skipSpace(text, text.indexOf(':', keyEnd) + 1)
    const end = valueEnd(text, from)
    if (members.has(key)) return { twice: key }
    members.set(key, text.slice(from, end))
    at = skipSpace(text, end)
    if (text[at] === ',') at = skipSpace(text, at + 1)
  }
  return members
}

/** Where the value that begins at `from` ends. */
function valueEnd(text: string, from: number): number {
  if (text[from] === '"') return stringEnd(text, from)
  if (text[from] === '{' || text[from] === '[') return nestedEnd(text, from)
  let at = from
  while (!scalarEnds.has(text.charCodeAt(at))) at++
  return at
}

function nestedEnd(text: string, from: number): number {
  let depth = 0
  for (let at = from; ; at++) {
    const character = text[at]
    if (character === '"') at = stringEnd(text, at) - 1
    else if (character === '{' || character === '[') depth++
    else if ((character === '}' || character === ']') && --depth === 0) return at + 1
  }
}

function stringEnd(text: string, opening: number): number {
  let at = opening + 1
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}

function skipSpace(text: string, from: number): number {
  let at = from
  while (text.charCodeAt(at) <= 0x20) at++
  return at
}

// Space, tab, line feed, carriage return, comma, brace, bracket.
const scalarEnds = new Set([0x20, 0x09, 0x0a, 0x0d, 0x2c, 0x7d, 0x5d])
