/** What belongs to a key, in the order of what follows it. Keys have no control characters. */
export function keyed(key: string, rest: string): string {
  return `${key}\n${rest}`
}

/** What stands behind the key. */
export function restOf(key: string, entry: string): string {
  return entry.slice(key.length + 1)
}

/** Everything of a key behind `after`. */
export function behind(key: string, after: string): { after: string; before: string } {
  return { after: keyed(key, after), before: `${key}\u000b` }
}
