import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { systemRuntime } from './runtime.ts'

afterEach(() => {
  vi.useRealTimers()
})

describe('the system runtime', () => {
  it('tells the wall clock in milliseconds and a time that never goes back', () => {
    const before = Date.now()
    expect(systemRuntime.now()).toBeGreaterThanOrEqual(before)
    expect(systemRuntime.now()).toBeLessThanOrEqual(Date.now())
    const start = systemRuntime.monotonic()
    expect(systemRuntime.monotonic()).toBeGreaterThanOrEqual(start)
  })

  it('draws numbers in [0, 1) and as many random bytes as asked for', () => {
    for (let count = 0; count < 100; count++) {
      const drawn = systemRuntime.random()
      expect(drawn >= 0 && drawn < 1).toBe(true)
    }
    expect(systemRuntime.randomBytes(0)).toHaveLength(0)
    const [one, other] = [systemRuntime.randomBytes(32), systemRuntime.randomBytes(32)]
    expect(one).toHaveLength(32)
    expect(one).not.toEqual(other)
  })

  it('calls back soon: after the work that is queued already', async () => {
    const order: string[] = []
    await new Promise<void>((resolve) => {
      systemRuntime.soon(resolve)
      queueMicrotask(() => order.push('microtask'))
      order.push('now')
    })
    expect(order).toEqual(['now', 'microtask'])
  })

  it.each([
    ['without setImmediate, as in a browser: and without timers, which wait there', 'setTimeout'],
    ['without messages to itself either', 'MessageChannel'],
  ])('gets by %s', async (_how, absent) => {
    vi.stubGlobal('setImmediate', undefined)
    vi.stubGlobal(absent, undefined)
    try {
      const order: string[] = []
      queueMicrotask(() => order.push('microtask'))
      await Promise.all(
        ['first', 'second'].map(
          (turn) =>
            new Promise<void>((resolve) =>
              systemRuntime.soon(() => resolve(void order.push(turn))),
            ),
        ),
      )
      expect(order).toEqual(['microtask', 'first', 'second'])
    } finally {
      vi.unstubAllGlobals()
    }
  })
})

describe('a timer', () => {
  it('calls back once, not before its time', () => {
    vi.useFakeTimers()
    const callback = vi.fn()
    systemRuntime.timer(1_000, callback)
    vi.advanceTimersByTime(999)
    expect(callback).not.toHaveBeenCalled()
    vi.advanceTimersByTime(10_000)
    expect(callback).toHaveBeenCalledTimes(1)
  })

  it('never calls back once cancelled, and may be cancelled again or too late', () => {
    vi.useFakeTimers()
    const callback = vi.fn()
    const timer = systemRuntime.timer(10, callback)
    timer.cancel()
    timer.cancel()
    vi.advanceTimersByTime(100)
    expect(callback).not.toHaveBeenCalled()

    const late = systemRuntime.timer(10, callback)
    vi.advanceTimersByTime(10)
    late.cancel()
    expect(callback).toHaveBeenCalledTimes(1)
  })

  it('waits longer than the 25 days a host can count', () => {
    vi.useFakeTimers()
    const callback = vi.fn()
    const day = 24 * 60 * 60_000
    systemRuntime.timer(60 * day, callback)
    const other = systemRuntime.timer(60 * day, () => expect.unreachable())
    vi.advanceTimersByTime(59 * day)
    expect(callback).not.toHaveBeenCalled()
    other.cancel()
    vi.advanceTimersByTime(day)
    expect(callback).toHaveBeenCalledTimes(1)
  })

  it('does not keep the process alive, a sleep does', async () => {
    const runtime = fileURLToPath(new URL('./index.ts', import.meta.url))
    const script = `import { systemRuntime as runtime } from ${JSON.stringify(runtime)}
      runtime.timer(3_600_000, () => console.log('timer'))
      runtime.sleep(1).then(() => console.log('awake'))
      process.on('exit', () => console.log('exit'))`
    const args = ['--input-type=module', '-e', script]
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 15_000 })
    expect(stdout.split('\n').filter(Boolean)).toEqual(['awake', 'exit'])
  })
})

describe('a sleep', () => {
  it('ends after its time', async () => {
    vi.useFakeTimers()
    let awake = false
    const sleep = systemRuntime.sleep(50).then(() => {
      awake = true
    })
    await vi.advanceTimersByTimeAsync(49)
    expect(awake).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    await sleep
    expect(awake).toBe(true)
  })

  it('rejects with the reason as soon as it is aborted, and leaves no timer behind', async () => {
    vi.useFakeTimers()
    const controller = new AbortController()
    const sleep = systemRuntime.sleep(3_600_000, controller.signal)
    const reason = new Error('enough')
    controller.abort(reason)
    await expect(sleep).rejects.toBe(reason)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('does not begin when it is aborted already', async () => {
    vi.useFakeTimers()
    await expect(systemRuntime.sleep(10, AbortSignal.abort('no'))).rejects.toBe('no')
    expect(vi.getTimerCount()).toBe(0)
  })

  it('lets go of a signal that outlives it', async () => {
    const { signal } = new AbortController()
    const [add, remove] = [
      vi.spyOn(signal, 'addEventListener'),
      vi.spyOn(signal, 'removeEventListener'),
    ]
    await systemRuntime.sleep(1, signal)
    expect(add).toHaveBeenCalledTimes(1)
    expect(remove).toHaveBeenCalledWith('abort', add.mock.calls[0]?.[1])
  })
})
