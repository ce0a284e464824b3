/**
 * A valid JSON text without the white space between its tokens; everything else stays byte for byte.
 * Returns the very same string when there is none.
 */
export function compactJson(text: string): string {
  let compact = ''
  let kept = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === quote) at = closingQuote(text, at)
    else if (code <= space) {
      compact += text.slice(kept, at)
      kept = at + 1
    }
  }
  return kept === 0 ? text : compact + text.slice(kept)
}

/** Where the string that opens at `opening` closes. */
function closingQuote(text: string, opening: number): number {
  let at = opening + 1
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code === quote) return at
    at += code === backslash ? 2 : 1
  }
  return at
}

const space = 0x20
const quote = 0x22
const backslash = 0x5c
