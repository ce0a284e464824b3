import { expect, it } from 'vitest'
import { crowdProblem, type Retry } from './spread.ts'

const nodes = ['a', 'b', 'c', 'd']

/** All nodes try the hub at each of these times, one after the other within so many milliseconds. */
function together(times: readonly number[], within: number): readonly Retry[] {
  return times.flatMap((time) =>
    nodes.map((from, at) => ({ from, to: 'hub', time: time + (at * within) / nodes.length })),
  )
}

it('four nodes that come back at the same moment, three times, are a crowd', () => {
  expect(crowdProblem(together([100, 2_100, 6_100], 20))).toBe(
    '4 nodes or more came back to hub at once, at 100, 2100, 6100 ms',
  )
})

it('twice may be chance', () => {
  expect(crowdProblem(together([100, 2_100], 20))).toBeUndefined()
})

it('nodes that are spread are no crowd, and neither is one that tries often', () => {
  expect(crowdProblem(together([100, 2_100, 6_100], 200))).toBeUndefined()
  const often = Array.from({ length: 50 }, (_, time) => ({ from: 'a', to: 'hub', time }))
  expect(crowdProblem(often)).toBeUndefined()
})

it('nodes that come back to different remotes are no crowd', () => {
  const apart = together([100, 2_100, 6_100], 20).map((one) => ({
    ...one,
    to: `hub of ${one.from}`,
  }))
  expect(crowdProblem(apart)).toBeUndefined()
})
