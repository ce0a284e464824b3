/** Everything a simulation does to its nodes, and what they notice of it. */
export const faults = [
  'crashes',
  'lostSuffixes',
  'tornWrites',
  'diskErrors',
  'fullDisks',
  'skewedClocks',
  'driftingClocks',
  'clockJumps',
  'partitions',
  'oneWayCuts',
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

/** What filters do, in worlds that have some. */
export const filterings = ['filterChanges', 'withheld', 'filled'] as const

export type Filtering = (typeof filterings)[number]

/** What users take back, in worlds where they do: asked for, and taken in from others. */
export const erasings = ['erasures', 'erasuresTaken'] as const

export type Erasing = (typeof erasings)[number]

/**
 * What happens to those who follow a log live: what came, how it broke, that some were too slow; and to live links:
 * that they were live, waited, and found one end changed.
 */
export const followings = [
  'livePages',
  'brokenStreams',
  'waitingPages',
  'streamResets',
  'joins',
  'backoffs',
  'agains',
] as const

export type FollowingCount = (typeof followings)[number]

/** What must never happen: that a look beside the stream brought what the stream should have brought by itself. */
export const rescues = ['drainedByGuard'] as const

export type Rescue = (typeof rescues)[number]

/** How often each of them happened. */
export type Counts = Record<Fault | Filtering | Erasing | FollowingCount | Rescue, number>

export function noCounts(): Counts {
  return Object.fromEntries(counted.map((what) => [what, 0])) as Counts
}

export function addCounts(one: Readonly<Counts>, other: Readonly<Counts>): Counts {
  return Object.fromEntries(counted.map((what) => [what, one[what] + other[what]])) as Counts
}

const counted = [...faults, ...filterings, ...erasings, ...followings, ...rescues]
