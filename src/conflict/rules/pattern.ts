/** Whether the text is what the pattern says; `*` stands for any text, also none. */
export function fits(text: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*')
  if (rest.length === 0) return text === pattern
  if (!text.startsWith(first)) return false
  const last = rest.pop() as string
  let at = first.length
  for (const part of rest) {
    const found = text.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return text.length - last.length >= at && text.endsWith(last)
}

/** Whether all that fits the one fits the other. May miss it where both have several stars. */
export function isWithin(one: string, other: string): boolean {
  // A star of the one can stand for any text, so the other must take it as text: only its stars do that.
  return one === other || fits(one, other)
}

/** Whether both can't fit one text. May miss it where both have stars. */
export function excludes(one: string, other: string): boolean {
  if (!one.includes('*')) return !fits(one, other)
  return !other.includes('*') && !fits(other, one)
}
