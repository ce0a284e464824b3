/** Bytes of a well-formed text as UTF-8, without encoding it. */
export function utf8Length(text: string): number {
  let bytes = text.length
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit < 0x80) continue
    // A surrogate pair is two units and four bytes: each half counts for two.
    bytes += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2
  }
  return bytes
}

/** Whether two texts together have more than `limit` bytes; looks at the characters only when it has to. */
export function exceedsBytes(one: string, other: string, limit: number): boolean {
  const units = one.length + other.length
  if (units > limit) return true
  return units * 3 > limit && utf8Length(one) + utf8Length(other) > limit
}
