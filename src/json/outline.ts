/** A value inside a JSON text: from its first character to behind its last. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** A member of an object: its key as a string, and where its value stands. */
export interface Member extends Span {
  readonly key: string
  /** Where the member begins: the opening quote of its key. */
  readonly start: number
}

/**
 * The members of the object that opens at `at`, in their order and with repeats. Builds no values: their
 * exact text can be cut out. The text must be valid JSON; scan it first.
 */
export function* membersOf(text: string, at: number): Generator<Member> {
  let next = skipSpace(text, at + 1)
  while (text.charCodeAt(next) !== closingBrace) {
    const keyEnd = stringEnd(text, next)
    const from = skipSpace(text, skipSpace(text, keyEnd) + 1)
    const to = valueEnd(text, from)
    yield { key: JSON.parse(text.slice(next, keyEnd)) as string, start: next, from, to }
    next = nextItem(text, to)
  }
}

/** The elements of the list that opens at `at`; the text must be valid JSON. */
export function* elementsOf(text: string, at: number): Generator<Span> {
  let from = skipSpace(text, at + 1)
  while (text.charCodeAt(from) !== closingBracket) {
    const to = valueEnd(text, from)
    yield { from, to }
    from = nextItem(text, to)
  }
}

/** Over a comma, if there is one, to the next item or the closing bracket. */
function nextItem(text: string, from: number): number {
  const at = skipSpace(text, from)
  return text.charCodeAt(at) === comma ? skipSpace(text, at + 1) : at
}

function valueEnd(text: string, from: number): number {
  const code = text.charCodeAt(from)
  if (code === quote) return stringEnd(text, from)
  if (code === brace || code === bracket) return nestedEnd(text, from)
  let at = from
  while (at < text.length && !isScalarEnd(text.charCodeAt(at))) at++
  return at
}

function nestedEnd(text: string, from: number): number {
  let depth = 0
  for (let at = from; ; at++) {
    const code = text.charCodeAt(at)
    if (code === quote) at = stringEnd(text, at) - 1
    else if (code === brace || code === bracket) depth++
    else if ((code === closingBrace || code === closingBracket) && --depth === 0) return at + 1
  }
}

function stringEnd(text: string, opening: number): number {
  for (let at = opening + 1; ; at++) {
    const code = text.charCodeAt(at)
    if (code === quote) return at + 1
    if (code === backslash) at++
  }
}

function skipSpace(text: string, from: number): number {
  let at = from
  while (text.charCodeAt(at) <= space) at++
  return at
}

function isScalarEnd(code: number): boolean {
  return code <= space || code === comma || code === closingBrace || code === closingBracket
}

const space = 0x20
const quote = 0x22
const comma = 0x2c
const bracket = 0x5b
const backslash = 0x5c
const closingBracket = 0x5d
const brace = 0x7b
const closingBrace = 0x7d
