import { RejoinError } from '../errors/index.ts'
import { parseJson } from '../json/index.ts'

/** Of what a page is made, and who says what is wrong with it. */
export interface PageWords {
  /** Such as `events`. */
  readonly plural: string
  readonly component: string
}

/** The object on a line; throws `invalid_frame` when there is none. */
export function parseLine(line: string, index: number, words: PageWords): object {
  try {
    const value = parseJson(line)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  } catch (cause) {
    throw brokenPage('a header is not JSON', index, words, cause)
  }
  throw brokenPage('a header is not an object', index, words)
}

/** Whether a key stands twice in the object on a line, of which `JSON.parse` shows only the last. */
export function hasRepeatedKey(line: string, parsed: object): boolean {
  let commas = 0
  let depth = 0
  for (let at = 0; at < line.length; at++) {
    const character = line[at]
    if (character === '"') at = closingQuote(line, at)
    else if (character === '{' || character === '[') depth++
    else if (character === '}' || character === ']') depth--
    else if (character === ',' && depth === 1) commas++
  }
  return commas >= Math.max(1, Object.keys(parsed).length)
}

function closingQuote(line: string, opening: number): number {
  let at = opening + 1
  while (at < line.length && line[at] !== '"') at += line[at] === '\\' ? 2 : 1
  return at
}

/** What is wrong with a page after the first `index` that it holds. */
export function brokenPage(
  what: string,
  index: number,
  { plural, component }: PageWords,
  cause?: unknown,
): RejoinError {
  return new RejoinError('invalid_frame', `after ${index} ${plural}: ${what}`, {
    operation: 'decode',
    component,
    details: { index },
    cause,
  })
}
