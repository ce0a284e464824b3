import { type LinkedChange, Patterns, patternProblem } from '../../contracts/index.ts'
import { unwanted } from '../../errors/check.ts'
import type { Filter } from '../../event/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import { at } from './check-calls.ts'

/**
 * What links replicate of a storage: the paths that match one of the patterns, whole, and nothing of the others.
 * Throws `invalid_argument` for what is no pattern.
 */
export function patternFilter(
  given: readonly string[],
  runtime: Pick<Runtime, 'sha256'>,
): Filter<LinkedChange> {
  if (!Array.isArray(given) || given.length === 0)
    throw unwanted('patterns', given, 'a list of patterns', at('filter'))
  const patterns = new Patterns<true>()
  for (const pattern of given) {
    const problem = patternProblem(pattern, [])
    if (problem !== undefined)
      throw unwanted('patterns', pattern, `paths or patterns: it ${problem}`, at('filter'))
    patterns.set(pattern, true)
  }
  const text = JSON.stringify({ patterns: [...new Set(given)].toSorted() })
  const filter: Filter<LinkedChange> = {
    text,
    fingerprint: runtime.sha256(`rejoin-state-filter-1\n${text}`).slice(0, 22),
    aggregate: (path) => patterns.matching(path).length > 0,
    withhold: (change) => change,
    get there() {
      return filter
    },
  }
  return filter
}
