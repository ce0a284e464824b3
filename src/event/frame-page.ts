import type { FrameProblem } from './frame-header.ts'
import { brokenPage, type PageWords, parseLine } from './frame-line.ts'

/** Where a header line and a payload line stand in their page. */
export interface FrameLines {
  readonly text: string
  readonly at: number
  readonly headerEnd: number
  readonly dataEnd: number
}

/** What stands on two lines of a page. Throws `invalid_frame` for a header that is not JSON. */
export type DecodeLines<C> = (lines: FrameLines, index: number) => C | FrameProblem

/** The line that closes a page. */
export function encodeEndLine(end: object): string {
  return `${JSON.stringify({ end })}\n`
}

/**
 * Reads a page of pairs of lines that an end line closes. Throws `invalid_frame` when it is broken: without an end
 * line, with something behind it, or with a header that is not JSON.
 */
export function decodePage<C>(
  text: string,
  words: PageWords,
  decode: DecodeLines<C>,
): { readonly decoded: readonly (C | FrameProblem)[]; readonly end: unknown } {
  const decoded: (C | FrameProblem)[] = []
  const broken = (what: string) => brokenPage(what, decoded.length, words)
  if (!text.isWellFormed()) throw broken('a lone surrogate, which no UTF-8 can carry')
  let at = 0
  while (at < text.length) {
    const headerEnd = text.indexOf('\n', at)
    if (headerEnd < 0) throw broken('the last line is cut short')
    if (text.startsWith(endKey, at)) {
      const line = parseLine(text.slice(at, headerEnd), decoded.length, words)
      if (headerEnd + 1 === text.length) return { decoded, end: (line as { end: unknown }).end }
      throw broken('something follows the end line')
    }
    const dataEnd = text.indexOf('\n', headerEnd + 1)
    if (dataEnd < 0) throw broken('a payload line is missing')
    decoded.push(decode({ text, at, headerEnd, dataEnd }, decoded.length))
    at = dataEnd + 1
  }
  throw broken('the end line is missing')
}

const endKey = '{"end":'
