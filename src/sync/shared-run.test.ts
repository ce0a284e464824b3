import { expect, it } from 'vitest'
import { SharedRun } from './shared-run.ts'

it('callers get the same result, also those who come after the end', async () => {
  const run = new SharedRun(async () => ({}))
  const [one, two] = await Promise.all([
    run.join(undefined),
    run.join(new AbortController().signal),
  ])
  expect(two).toBe(one)
  expect(await run.join(undefined)).toBe(one)
  await run.ended
})

it('callers get the same error', async () => {
  const error = new Error('no')
  const run = new SharedRun(() => Promise.reject(error))
  const { signal } = new AbortController()
  for (const call of [run.join(undefined), run.join(signal)]) await expect(call).rejects.toBe(error)
  await run.ended
  expect(run.abandoned).toBe(false)
})

it('a run whose error nobody waits for does not end the process', async () => {
  const run = new SharedRun(() => Promise.reject(new Error('no')))
  await run.ended
})

it('the run is aborted when the last caller has left, with that one’s reason', async () => {
  const { run, signal } = hanging()
  const [one, two] = [new AbortController(), new AbortController()]
  const calls = Promise.allSettled([run.join(one.signal), run.join(two.signal)])
  one.abort(new Error('first'))
  expect(signal().aborted).toBe(false)
  two.abort(new Error('second'))
  expect(signal().reason).toEqual(new Error('second'))
  expect(run.abandoned).toBe(true)
  expect((await calls).map((one) => (one as PromiseRejectedResult).reason.message)).toEqual([
    'first',
    'second',
  ])
})

it('a caller without a signal never leaves', async () => {
  const { run, signal, end } = hanging()
  const staying = run.join(undefined)
  const controller = new AbortController()
  const leaving = run.join(controller.signal)
  controller.abort()
  await expect(leaving).rejects.toThrow(/aborted/)
  expect(signal().aborted).toBe(false)
  end('result')
  expect(await staying).toBe('result')
})

it('a signal that has aborted is turned away and counts for nothing', async () => {
  const { run, signal } = hanging()
  await expect(run.join(AbortSignal.abort(new Error('late')))).rejects.toThrow('late')
  expect(signal().aborted).toBe(false)
})

it('aborting the run reaches its work', () => {
  const { run, signal } = hanging()
  run.abort('closing')
  expect(signal().reason).toBe('closing')
})

function hanging() {
  const { promise, resolve } = Promise.withResolvers<string>()
  let seen: AbortSignal | undefined
  const run = new SharedRun((signal) => {
    seen = signal
    return promise
  })
  return { run, end: resolve, signal: () => seen as AbortSignal }
}
