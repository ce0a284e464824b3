import { pathProblem, patternProblem, targetProblem } from '../contracts/index.ts'
import type { Where } from '../errors/check.ts'
import { RejoinError } from '../errors/index.ts'

export const component = 'client'

export function at(operation: string): Where {
  return { operation, component }
}

/** Which call it is, and of what. */
export interface Asked {
  readonly operation: string
  readonly url: string
}

/** One object's path; throws `invalid_argument`. What a server has reserved it says itself. */
export function objectPath(operation: string, path: string): string {
  return checked(operation, path, pathProblem(path, []))
}

/** A path or pattern. */
export function anyPath(operation: string, path: string): string {
  return checked(operation, path, patternProblem(path, []))
}

/** A pattern: what it answers is a list. */
export function listPath(operation: string, pattern: string): string {
  anyPath(operation, pattern)
  const problem = pattern.includes('*') ? undefined : 'is no pattern: it has no *'
  return checked(operation, pattern, problem)
}

/** A list to push to, such as `users/*`. */
export function pushPath(operation: string, list: string): string {
  return listPath(operation, checked(operation, list, targetProblem(list, [])))
}

function checked(operation: string, path: string, problem: string | undefined): string {
  if (problem === undefined) return path
  const shown = typeof path === 'string' ? JSON.stringify(path.slice(0, 100)) : String(path)
  throw new RejoinError('invalid_argument', `the path ${shown} ${problem}`, at(operation))
}
