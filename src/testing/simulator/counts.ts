/** Everything a simulation does to its nodes, and what they notice of it. */
export const faults = [
  'crashes',
  'lostSuffixes',
  'tornWrites',
  'partitions',
  'lostRequests',
  'lostAnswers',
  'duplicates',
  'reorders',
  'resets',
  'wipes',
  'copies',
  'restores',
  'forks',
] as const

export type Fault = (typeof faults)[number]

/** How often each fault happened. */
export type Counts = Record<Fault, number>

export function noCounts(): Counts {
  return Object.fromEntries(faults.map((fault) => [fault, 0])) as Counts
}

export function addCounts(one: Readonly<Counts>, other: Readonly<Counts>): Counts {
  return Object.fromEntries(faults.map((fault) => [fault, one[fault] + other[fault]])) as Counts
}
