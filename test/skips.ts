/**
 * Tests that can't run everywhere, and what they lack there. A test is skipped through a line of this
 * list, or not at all.
 */
const skips: readonly Skip[] = [
  {
    implementation: 'store/sqlite',
    test: 'flushes',
    reason: 'strace is not installed here, or may not trace',
  },
  {
    implementation: 'store/sqlite',
    test: 'full disk',
    reason: 'this user may not mount the small disk that it fills',
  },
]

export interface Skip {
  readonly implementation: string
  readonly test: string
  readonly reason: string
}

export function reasonToSkip(implementation: string, test: string): string {
  const skip = skips.find((one) => one.implementation === implementation && one.test === test)
  if (skip === undefined)
    throw new Error(`test/skips.ts has no line for ${implementation}: ${test}`)
  return `${implementation}, ${test}: ${skip.reason}`
}
