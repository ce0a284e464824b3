import { fields, unwanted, type Where } from '../errors/check.ts'
import type { Filter } from '../event/index.ts'
import { parseJson, scanJson } from '../json/index.ts'
import type { Runtime } from '../runtime/index.ts'
import type { LinkedChange } from './state-change.ts'
import { patternProblem } from './state-path.ts'
import { Patterns } from './state-patterns.ts'

/**
 * What links replicate of a storage: the paths that match one of the patterns, whole, and nothing of the others.
 * Throws `invalid_argument` for what is no pattern, and for more than 10,000 of them.
 */
export function patternFilter(
  given: readonly string[],
  runtime: Pick<Runtime, 'sha256'>,
  where: Where = filtering,
): Filter<LinkedChange> {
  if (!Array.isArray(given) || given.length === 0 || given.length > mostPatterns)
    throw unwanted('patterns', given, `a list of 1 to ${mostPatterns} patterns`, where)
  const patterns = new Patterns<true>()
  for (const pattern of given) {
    const problem = patternProblem(pattern, [])
    if (problem !== undefined)
      throw unwanted('patterns', pattern, `paths or patterns: it ${problem}`, where)
    patterns.set(pattern, true)
  }
  const text = JSON.stringify({ patterns: [...new Set(given)].toSorted() })
  if (text.length > longestFilter)
    throw unwanted('patterns', given, `shorter than ${longestFilter} characters of JSON`, where)
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

/** Reads such a filter's text, from elsewhere. Throws as `patternFilter` does. */
export function patternFilterFrom(
  text: string,
  runtime: Pick<Runtime, 'sha256'>,
  where: Where,
): Filter<LinkedChange> {
  if (text.length > longestFilter || scanJson(text, deepestFilter) >= 0)
    throw unwanted('filter', text, `JSON of at most ${longestFilter} characters`, where)
  const { patterns, ...others } = fields('filter', parseJson(text) as Given, where)
  const unknown = Object.keys(others)[0]
  if (unknown !== undefined) throw unwanted('filter', unknown, 'made of patterns alone', where)
  return patternFilter(patterns as readonly string[], runtime, where)
}

interface Given {
  readonly patterns?: unknown
}

const filtering = { operation: 'filter', component: 'contracts' }
const mostPatterns = 10_000
const longestFilter = 256 * 1024
const deepestFilter = 2
