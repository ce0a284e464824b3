/** A live link that tries again after it has waited. */
export interface Retry {
  readonly from: string
  readonly to: string
  readonly time: number
}

/**
 * S2: whoever failed together must not come back together, again and again. Gives how many did, when at least
 * `crowd` nodes have tried one remote within the same moment, and that at `most` moments or more.
 */
export function crowdProblem(retries: readonly Retry[]): string | undefined {
  for (const remote of new Set(retries.map(({ to }) => to))) {
    const moments = crowdedMoments(retries.filter(({ to }) => to === remote))
    if (moments.length >= most)
      return `${crowd} nodes or more came back to ${remote} at once, at ${moments.join(', ')} ms`
  }
  return undefined
}

function crowdedMoments(retries: readonly Retry[]): readonly number[] {
  const moments: number[] = []
  const sorted = retries.toSorted((one, other) => one.time - other.time)
  let end = Number.NEGATIVE_INFINITY
  for (const { time } of sorted) {
    if (time <= end) continue
    const together = sorted.filter((one) => one.time >= time && one.time <= time + moment)
    if (new Set(together.map(({ from }) => from)).size < crowd) continue
    moments.push(Math.round(time))
    end = time + moment
  }
  return moments
}

const crowd = 4
const most = 3
/** Milliseconds. */
const moment = 25
