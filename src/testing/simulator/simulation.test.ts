import { expect, it } from 'vitest'
import { simulate } from './simulation.ts'

it('a world is given up with the reason of its signal, before it begins and while it runs', async () => {
  const reason = new Error('enough')
  await expect(simulate(1, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  const stop = new AbortController()
  setImmediate(() => stop.abort(reason))
  await expect(simulate(1, { signal: stop.signal })).rejects.toBe(reason)
})

it('what is no signal is refused', () =>
  expect(simulate(1, { signal: 5 as never })).rejects.toMatchObject({ code: 'invalid_argument' }))
