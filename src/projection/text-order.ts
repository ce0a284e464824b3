/** By code points, as UTF-8 and SQLite order texts; JavaScript's own order puts surrogates too early. */
export function compareTexts(a: string, b: string): number {
  if (a === b) return 0
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at++) {
    const [one, other] = [a.charCodeAt(at), b.charCodeAt(at)]
    if (one === other) continue
    // A surrogate stands for a code point above all others.
    return isSurrogate(one) === isSurrogate(other) ? one - other : isSurrogate(one) ? 1 : -1
  }
  return a.length - b.length
}

/** The least text that is greater than all that begin with this one; none for the empty text. */
export function endOfPrefix(prefix: string): string | undefined {
  return prefix === '' ? undefined : `${prefix}\u{10ffff}`
}

function isSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdfff
}
