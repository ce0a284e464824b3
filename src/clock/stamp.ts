/** Hybrid logical time: int64 nanoseconds since 1970. Says what came after what, not exactly when. */
export type Stamp = bigint & { readonly __brand: 'Stamp' }

export const nanosecondsPerMillisecond = 1_000_000n

/** Midnight, 1 January 2200: no clock gets there honestly, so nothing beyond it is accepted. */
export const latestUsableStamp = stampOf(7_258_118_400_000)

/** The stamp of a wall-clock reading in milliseconds. */
export function stampOf(milliseconds: number): Stamp {
  return (BigInt(Math.floor(milliseconds)) * nanosecondsPerMillisecond) as Stamp
}
