import { matchesPattern } from '../../../contracts/index.ts'

/** Paths here and the same ones there: what a `*` stands for in one, the `*` of the same rank stands for in the other. */
export interface PathMap {
  /** Both may have `*` as a segment: a list maps to a list. `undefined` for what is not mapped. */
  there(path: string): string | undefined
  here(path: string): string | undefined
}

export function pathMap(here: string, there: string): PathMap {
  return {
    there: (path) => mapped(here, there, path),
    here: (path) => mapped(there, here, path),
  }
}

export function starsIn(pattern: string): number {
  return pattern.split('/').filter((segment) => segment === '*').length
}

function mapped(from: string, to: string, path: string): string | undefined {
  if (!matchesPattern(from, path)) return undefined
  const segments = path.split('/')
  const stars = from.split('/').flatMap((segment, at) => (segment === '*' ? [segments[at]] : []))
  return to
    .split('/')
    .map((segment) => (segment === '*' ? stars.shift() : segment))
    .join('/')
}
