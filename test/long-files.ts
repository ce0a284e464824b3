/** Test files that REJOIN_TORTURE makes longer; CI runs all of them apart from the others, without coverage. */
export const longFiles: readonly string[] = [
  'test/torture/**/*.test.ts',
  'test/simulation/{application,clean,clusters,crash-points,erasing,filters}.test.ts',
  'test/simulation/{planted-bugs,shrinking,source-patches}.test.ts',
  'test/causality/replay.test.ts',
  'test/acceptance/stores-with-readers.test.ts',
  'src/projection/random-histories.test.ts',
  'src/cluster/random-outages.test.ts',
  'src/state/server/random-subscribers.test.ts',
]

/** Of these, what compares delays: the whole of it runs when nothing else does. */
export const measured: readonly string[] = ['test/torture/slow-readers.test.ts']
