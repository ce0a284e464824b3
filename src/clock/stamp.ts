/** Hybrid logical time: int64 nanoseconds since 1970. Says what came after what, not exactly when. */
export type Stamp = bigint & { readonly __brand: 'Stamp' }

export const nanosecondsPerMillisecond = 1_000_000n

/** Midnight, 1 January 2200: no clock gets there honestly, so nothing beyond it is accepted. */
export const latestUsableStamp = stampOf(7_258_118_400_000)

/** The stamp of a wall-clock reading in milliseconds. */
export function stampOf(milliseconds: number): Stamp {
  return (BigInt(Math.floor(milliseconds)) * nanosecondsPerMillisecond) as Stamp
}

/**
 * Whether a stamp lies just above another: at most a second. Whose own clock is right goes on by one with each write
 * above a stamp that is ahead, so it is not to be blamed for it (T5).
 */
export function goesOnAbove(stamp: bigint, other: bigint): boolean {
  return stamp <= other + goingOn
}

const goingOn = 1_000_000_000n
