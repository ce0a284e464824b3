/**
 * The same text, but not a piece of a larger one. What is cut from a page keeps all of the page in memory,
 * so a cache must not hold it: 40,000 cached heads held 170 MiB of old pages.
 */
export function detached<T extends string>(text: T): T {
  // V8 has to build a text of its own before it can cut off the first character.
  return ` ${text}`.slice(1) as T
}
