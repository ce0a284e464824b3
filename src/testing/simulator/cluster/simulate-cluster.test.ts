import { expect, it } from 'vitest'
import { simulateCluster } from './simulate-cluster.ts'

const reason = new Error('enough')

it('a cluster is given up with the reason of its signal, before it begins and while it runs', async () => {
  await expect(simulateCluster(1, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  await expect(simulateCluster(1, { signal: after(1) })).rejects.toBe(reason)
})

it('and while it settles, which is all that one without trouble does', async () => {
  const scenario = { troubledTime: 0 }
  const { steps } = await simulateCluster(1, { scenario })
  const run = simulateCluster(1, { scenario, signal: after(steps / 2) })
  await expect(run).rejects.toBe(reason)
})

it('what is no signal is refused', () =>
  expect(simulateCluster(1, { signal: 5 as never })).rejects.toMatchObject({
    code: 'invalid_argument',
  }))

/** Aborts after so many turns of the loop: a step takes one or more. */
function after(turns: number): AbortSignal {
  const stop = new AbortController()
  const next = (left: number) => (left <= 1 ? stop.abort(reason) : setImmediate(next, left - 1))
  setImmediate(next, turns)
  return stop.signal
}
