/**
 * The place of the last of some sorted things that is not above `one`; that at `from` must not be. The nearer to it,
 * the sooner it is found.
 */
export function lastAtMost<T extends string | number>(
  sorted: readonly T[],
  one: T,
  from = 0,
): number {
  let low = from
  let high = low + 1
  for (let step = 2; high < sorted.length && (sorted[high] as T) <= one; step *= 2) {
    low = high
    high += step
  }
  high = Math.min(high, sorted.length) - 1
  while (low < high) {
    const middle = (low + high + 1) >>> 1
    if ((sorted[middle] as T) <= one) low = middle
    else high = middle - 1
  }
  return low
}
