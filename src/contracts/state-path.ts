/** First segments that a server keeps for itself, unless it is told otherwise. */
export const reservedNames: readonly string[] = ['sync', 'metrics', 'health']

/** Most characters of a path. Each is one byte: paths are ASCII. */
export const longestPath = 1_024

/**
 * What is wrong with a path or pattern to read or watch; `undefined` for a good one. Letters, digits, `*`,
 * and inside also `/`, `-`, `_` and `.`; no `//`, no `**`. Whatever begins with `_` is therefore no path.
 */
export function patternProblem(
  text: unknown,
  reserved: readonly string[] = reservedNames,
): string | undefined {
  if (typeof text !== 'string') return 'must be a string'
  if (text === '') return 'must not be empty'
  if (text.length > longestPath)
    return `has ${text.length} characters, at most ${longestPath} are allowed`
  if (!form.test(text)) return formProblem(text)
  if (text.includes('//')) return 'must not contain //'
  if (text.includes('**')) return 'must not contain **'
  const first = firstSegment(text)
  return reserved.includes(first) ? `begins with "${first}", which is reserved` : undefined
}

/**
 * What is wrong with a path to write to: as `patternProblem`, and a `*` may only be its last segment, where
 * the writer puts an index of its own.
 */
export function targetProblem(text: unknown, reserved?: readonly string[]): string | undefined {
  const problem = patternProblem(text, reserved)
  if (problem !== undefined) return problem
  const path = text as string
  const star = path.indexOf('*')
  if (star < 0) return undefined
  return star === path.length - 1 && isGlob(path)
    ? undefined
    : 'may have one *, as its last segment, where it is written to'
}

/** What is wrong with the path of one object. */
export function pathProblem(text: unknown, reserved?: readonly string[]): string | undefined {
  const problem = patternProblem(text, reserved)
  if (problem !== undefined) return problem
  return (text as string).includes('*') ? 'is a pattern, and one object is meant' : undefined
}

/** A path whose last segment is `*`: it names a list. */
export function isGlob(pattern: string): boolean {
  return pattern === '*' || pattern.endsWith('/*')
}

/** Its last segment. */
export function indexOfPath(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** The list that a path is in: `users/*` for `users/42`, `*` for `settings`. */
export function listOf(path: string): string {
  return `${path.slice(0, path.lastIndexOf('/') + 1)}*`
}

/** Segment by segment, at equal depth; a segment `*` stands for any one. */
export function matchesPattern(pattern: string, path: string): boolean {
  if (!pattern.includes('*')) return pattern === path
  let at = 0
  let from = 0
  for (;;) {
    const end = segmentEnd(pattern, at)
    const pathEnd = segmentEnd(path, from)
    const isStar = end - at === 1 && pattern[at] === '*'
    if (!isStar && (end - at !== pathEnd - from || !path.startsWith(pattern.slice(at, end), from)))
      return false
    if (end === pattern.length || pathEnd === path.length)
      return end === pattern.length && pathEnd === path.length
    at = end + 1
    from = pathEnd + 1
  }
}

/** What every path that matches begins with: all before the first segment that is `*`. */
export function fixedPrefix(pattern: string): string {
  const star = /(^|\/)\*(\/|$)/.exec(pattern)
  return star === null ? pattern : pattern.slice(0, star.index + (star[1] === '/' ? 1 : 0))
}

/** Whether every path that matches `inner` matches `outer` as well. */
export function coversPattern(outer: string, inner: string): boolean {
  return matchesPattern(outer, inner)
}

/** Whether some path matches both. */
export function patternsOverlap(one: string, other: string): boolean {
  const [segments, others] = [one.split('/'), other.split('/')]
  if (segments.length !== others.length) return false
  return segments.every(
    (segment, at) => segment === '*' || others[at] === '*' || segment === others[at],
  )
}

function firstSegment(path: string): string {
  return path.slice(0, segmentEnd(path, 0))
}

function segmentEnd(path: string, from: number): number {
  const end = path.indexOf('/', from)
  return end < 0 ? path.length : end
}

function formProblem(text: string): string {
  const wrong = /[^A-Za-z0-9*/\-_.]/u.exec(text)?.[0]
  if (wrong !== undefined) return `must not contain ${JSON.stringify(wrong)}`
  return `must begin and end with a letter, a digit or *, not ${JSON.stringify(edge(text))}`
}

function edge(text: string): string | undefined {
  return /^[A-Za-z0-9*]/.test(text) ? text.at(-1) : text[0]
}

const form = /^[A-Za-z0-9*](?:[A-Za-z0-9*/\-_.]*[A-Za-z0-9*])?$/
