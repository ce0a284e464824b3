/** Where a path stands among sorted ones, or would. */
export function firstAtLeast(sorted: readonly string[], path: string): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] as string) < path) low = middle + 1
    else high = middle
  }
  return low
}
