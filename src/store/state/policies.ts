import {
  lastWriteWins as lastWrite,
  Patterns,
  type StatePolicies,
  type StatePolicy,
} from '../../contracts/index.ts'

/** The version that decision 7 orders last; what every path has unless told otherwise. */
export const lastWriteWins: StatePolicy = {
  name: 'last-write-wins',
  latest: true,
  merge: lastWrite,
}

/** The policies of paths, by patterns; of several that match, the one with names where others have `*`. */
export function policiesFor(of: Readonly<Record<string, StatePolicy>> = {}): StatePolicies {
  const patterns = new Patterns<StatePolicy>()
  for (const [pattern, policy] of Object.entries(of)) patterns.set(pattern, policy)
  if (patterns.size === 0) return { of: () => lastWriteWins }
  return { of: (path) => patterns.matching(path)[0] ?? lastWriteWins }
}
