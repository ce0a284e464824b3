import { describe, expect, it } from 'vitest'
import { machine } from '../../test/fleet.ts'
import type { Transport } from '../contracts/index.ts'
import { type ErrorCode, type ErrorDetails, RejoinError } from '../errors/index.ts'
import type { LogEvent } from '../event/index.ts'
import { silentLogger } from '../ports/index.ts'
import { systemRuntime } from '../runtime/index.ts'
import { handDriven } from '../transport/fixtures/hand-driven.ts'
import { memoryTransport } from '../transport/memory/index.ts'
import { retrying, retryPolicy, timed } from './index.ts'

const where = { operation: 'test', component: 'test' }
const usual = retryPolicy({}, where)

describe('a call that fails', () => {
  it('is made three times, after random parts of 100 and 200 ms, and then rejects as it did', async () => {
    const { waits, calls, call } = await failing(() => failure('network'), { random: 0.5 })
    await expect(call()).rejects.toMatchObject({ code: 'network' })
    expect(calls()).toBe(3)
    expect(waits).toEqual([50, 100])
  })

  it('succeeds as soon as one try does', async () => {
    const { calls, call } = await failing((n) => (n < 2 ? failure('unavailable') : undefined))
    expect(await call()).toMatchObject({ node: 'hub' })
    expect(calls()).toBe(2)
  })

  it.each([
    { policy: { tries: 1 }, waits: [] },
    { policy: { tries: 5, first: 10, factor: 3 }, waits: [10, 30, 90, 270] },
    { policy: { tries: 5, longest: 250 }, waits: [100, 200, 250, 250] },
    { policy: { tries: 3, first: 0 }, waits: [0, 0] },
  ])('waits at most $waits with $policy', async ({ policy, waits: expected }) => {
    const { waits, call } = await failing(() => failure('network'), { policy, random: 1 })
    await expect(call()).rejects.toMatchObject({ code: 'network' })
    expect(waits).toEqual(expected)
  })

  it.each([
    [0, [3_000, 3_000]],
    [0.5, [3_050, 3_100]],
  ])(
    'is not made sooner than the remote asked, nor by all at once: %f',
    async (random, expected) => {
      const { waits, call } = await failing(() => failure('unavailable', { retryAfter: 3_000 }), {
        random,
      })
      await expect(call()).rejects.toMatchObject({ code: 'unavailable' })
      expect(waits).toEqual(expected)
    },
  )

  it.each([
    ['that waiting does not help', failure('unauthorized')],
    [
      'that asks for more patience than the longest wait',
      failure('unavailable', { retryAfter: 5_001 }),
    ],
    ['that is a bug', new TypeError('oops')],
  ])('is made once for a failure %s', async (_, error) => {
    const { calls, call } = await failing(() => error)
    await expect(call()).rejects.toBe(error)
    expect(calls()).toBe(1)
  })

  it('is not made again after an abort, which ends the wait at once', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const { calls, call } = await failing(() => failure('network'), {
      runtime: systemRuntime,
      policy: { first: 2 ** 30, longest: 2 ** 30 },
      onWait: () => controller.abort(reason),
    })
    await expect(call(controller.signal)).rejects.toBe(reason)
    expect(calls()).toBe(1)
  })
})

describe('a call that is not answered', () => {
  it('rejects with “timeout” when its time is over, whatever the transport does', async () => {
    const runtime = handDriven()
    const remote = await silent()
    const transport = timed(remote, 500, runtime)
    const pending = transport.pull('' as never, { count: 1, bytes: 1 })
    const outcome = expect(pending).rejects.toMatchObject({
      code: 'timeout',
      retryable: true,
      operation: 'pull',
      message: expect.stringContaining('500 ms'),
    })
    runtime.pass(499)
    expect(runtime.pending).toBe(1)
    runtime.pass(1)
    await outcome
    expect(runtime.pending).toBe(0)
  })

  it('rejects with its caller’s reason, and leaves no timer behind', async () => {
    const runtime = handDriven()
    const controller = new AbortController()
    const transport = timed(await silent(), 500, runtime)
    const pending = transport.hello({ origin: 'x' as never }, controller.signal)
    const reason = new Error('enough')
    const outcome = expect(pending).rejects.toBe(reason)
    controller.abort(reason)
    await outcome
    expect(runtime.pending).toBe(0)
  })
})

async function silent(): Promise<Transport<LogEvent>> {
  const never = () => new Promise<never>(() => {})
  return { ...memoryTransport((await machine('hub')).store), hello: never, pull: never }
}

/** A remote whose hello fails as `failureOf` says, until it says nothing. */
async function failing(
  failureOf: (call: number) => Error | undefined,
  {
    policy = {},
    random = 1,
    onWait = () => {},
    runtime,
  }: {
    readonly policy?: Partial<typeof usual>
    readonly random?: number
    readonly onWait?: () => void
    readonly runtime?: typeof systemRuntime
  } = {},
) {
  let calls = 0
  const waits: number[] = []
  const hub = memoryTransport((await machine('hub')).store)
  const remote: Transport<LogEvent> = {
    ...hub,
    async hello(...args) {
      const error = failureOf(++calls)
      if (error !== undefined) throw error
      return hub.hello(...args)
    },
  }
  const noWaits = {
    ...systemRuntime,
    random: () => random,
    async sleep(ms: number) {
      waits.push(ms)
    },
  }
  // It is told before the wait begins.
  const logger = { ...silentLogger, info: () => queueMicrotask(onWait) }
  const transport = retrying(remote, { ...usual, ...policy }, runtime ?? noWaits, logger)
  const call = (signal?: AbortSignal) =>
    transport.hello({ origin: 'x~0123456789abcdef' as never }, signal)
  return { waits, calls: () => calls, call }
}

function failure(code: ErrorCode, details: ErrorDetails = {}): RejoinError {
  return new RejoinError(code, 'it failed', { operation: 'hello', component: 'test', details })
}
