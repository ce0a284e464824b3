import { describe, expect, it } from 'vitest'
import { systemRuntime } from '../../runtime/index.ts'
import { Fence } from './fence.ts'
import { type ClockError, nodeClock } from './node-clock.ts'
import { nodeRuntime } from './node-runtime.ts'
import { seededRandom } from './random.ts'
import { Scheduler } from './scheduler.ts'

const epoch = Date.UTC(2026, 2, 1)

function nodeOf(error: ClockError = {}, seed = 1) {
  const scheduler = new Scheduler(seededRandom(seed))
  const clock = nodeClock(scheduler, error)
  const fence = new Fence()
  const random = seededRandom(seed).fork('a')
  return {
    scheduler,
    clock,
    fence,
    runtime: nodeRuntime({ name: 'a', scheduler, random, clock, fence }),
  }
}

describe('the runtime of a simulated node', () => {
  it('sleeps in virtual time', async () => {
    const { scheduler, runtime } = nodeOf()
    let slept = 0
    void runtime.sleep(3_600_000).then(() => {
      slept = runtime.now() - epoch
    })
    await scheduler.run()
    expect(slept).toBe(3_600_000)
    expect(runtime.monotonic()).toBe(3_600_000)
  })

  it('has a clock of its own: ahead, fast, set anew', async () => {
    const { scheduler, runtime, clock } = nodeOf({ skew: -5000, rate: 1.01 })
    expect(runtime.now()).toBe(epoch - 5000)
    let fired = 0
    runtime.timer(1010, () => {
      fired = scheduler.now
    })
    await scheduler.run({ until: 2000 })
    expect(fired).toBeCloseTo(1000)
    expect(runtime.now()).toBe(epoch - 5000 + 2020)
    clock.jump(-60_000)
    expect(runtime.now()).toBe(epoch - 65_000 + 2020)
    expect(runtime.monotonic()).toBeCloseTo(2020)
  })

  it('stops a sleep and a timer', async () => {
    const { scheduler, runtime } = nodeOf()
    const controller = new AbortController()
    const seen: string[] = []
    void runtime.sleep(1000, controller.signal).catch((reason) => seen.push(reason))
    void runtime.sleep(1000, AbortSignal.abort('late')).catch((reason) => seen.push(reason))
    runtime.timer(100, () => seen.push('timer')).cancel()
    runtime.timer(10, () => controller.abort('stop'))
    expect(await scheduler.run()).toBe('idle')
    expect(seen).toEqual(['late', 'stop'])
    expect(scheduler.now).toBe(10)
  })

  it('never wakes a dead life: no timer, no sleep, no abort', async () => {
    const { scheduler, runtime, fence } = nodeOf()
    const seen: string[] = []
    const controller = new AbortController()
    const note = (what: string) => () => seen.push(what)
    runtime.timer(10, note('timer'))
    runtime.soon(note('soon'))
    void runtime.sleep(10).then(note('sleep'))
    void runtime.sleep(10, controller.signal).catch(note('abort'))
    fence.drop()
    controller.abort()
    void runtime.sleep(5).then(note('sleep of the dead'))
    await scheduler.run()
    expect(seen).toEqual([])
  })

  it('draws from its seed, and hashes for real', () => {
    const { runtime } = nodeOf()
    expect(runtime.randomBytes(8)).toEqual(nodeOf().runtime.randomBytes(8))
    expect(runtime.randomBytes(8)).not.toEqual(nodeOf({}, 2).runtime.randomBytes(8))
    expect(runtime.random()).toBeLessThan(1)
    expect(runtime.sha256('rejoin')).toBe(systemRuntime.sha256('rejoin'))
  })

  it('calls back soon after the promises that wait already', async () => {
    const { scheduler, runtime } = nodeOf()
    const seen: string[] = []
    runtime.soon(() => seen.push('soon'))
    void Promise.resolve().then(() => seen.push('promise'))
    await scheduler.run()
    expect(seen).toEqual(['promise', 'soon'])
    expect(scheduler.now).toBe(0)
  })
})
