import { describe, expect, it } from 'vitest'
import { seededRandom } from './random.ts'
import { Scheduler } from './scheduler.ts'

const schedulerOf = (seed: number) => new Scheduler(seededRandom(seed))

describe('the scheduler', () => {
  it('runs tasks in the order of their times, and time jumps from one to the next', async () => {
    const scheduler = schedulerOf(1)
    const seen: [number, string][] = []
    for (const ms of [500, 20, 86_400_000, 0, 21])
      scheduler.after(ms, 'task', () => seen.push([scheduler.now, `after ${ms}`]))
    expect(await scheduler.run()).toBe('idle')
    expect(seen.map(([time]) => time)).toEqual([0, 20, 21, 500, 86_400_000])
    expect(seen.every(([time, name]) => name === `after ${time}`)).toBe(true)
    expect(scheduler.steps).toBe(5)
  })

  it('gives up between two steps when its signal aborts, with the reason', async () => {
    const scheduler = schedulerOf(1)
    const stop = new AbortController()
    const seen: number[] = []
    for (const ms of [1, 2, 3]) scheduler.after(ms, 'task', () => seen.push(ms))
    scheduler.after(2, 'stop', () => stop.abort(new Error('enough')))
    scheduler.stopAt(stop.signal)
    await expect(scheduler.run()).rejects.toThrow('enough')
    expect(seen).not.toContain(3)
  })

  it('lets the seed decide among tasks of the same time, the same way every time', async () => {
    const orderOf = async (seed: number) => {
      const scheduler = schedulerOf(seed)
      const seen: number[] = []
      for (let name = 0; name < 12; name++) scheduler.after(5, 'task', () => seen.push(name))
      await scheduler.run()
      return seen.join()
    }
    const orders = await Promise.all([1, 1, 2, 3, 4].map(orderOf))
    expect(orders[0]).toBe(orders[1])
    expect(new Set(orders).size).toBe(4)
  })

  it('finishes every chain of promises before the next task', async () => {
    const scheduler = schedulerOf(2)
    const seen: string[] = []
    const chain = async (name: string) => {
      for (let link = 0; link < 300; link++) await null
      seen.push(name)
    }
    scheduler.after(1, 'one', () => void chain('long chain'))
    scheduler.after(1.5, 'two', () => seen.push('next task'))
    await scheduler.run()
    expect(seen).toEqual(['long chain', 'next task'])
  })

  it('runs what tasks schedule, also for now', async () => {
    const scheduler = schedulerOf(3)
    const times: number[] = []
    const again = (left: number) => {
      times.push(scheduler.now)
      if (left > 0) scheduler.after(left % 2, 'again', () => again(left - 1))
    }
    scheduler.after(0, 'first', () => again(4))
    await scheduler.run()
    expect(times).toEqual([0, 0, 1, 1, 2])
  })

  it('does not run what was cancelled, also when cancelled twice or too late', async () => {
    const scheduler = schedulerOf(4)
    const seen: string[] = []
    const never = scheduler.after(10, 'never', () => seen.push('never'))
    const early = scheduler.after(1, 'early', () => seen.push('early'))
    scheduler.after(5, 'cancel', () => {
      never.cancel()
      never.cancel()
      early.cancel()
    })
    expect(await scheduler.run()).toBe('idle')
    expect(seen).toEqual(['early'])
    expect(scheduler.now).toBe(5)
  })

  it('stops at a time, at a condition and after so many steps, and goes on from there', async () => {
    const scheduler = schedulerOf(5)
    let ran = 0
    for (let ms = 1; ms <= 100; ms++) scheduler.after(ms, 'count', () => ran++)
    expect(await scheduler.run({ until: 10.5 })).toBe('until')
    expect([ran, scheduler.now]).toEqual([10, 10.5])
    expect(await scheduler.run({ maxSteps: 5 })).toBe('steps')
    expect(ran).toBe(15)
    expect(await scheduler.run({ until: () => ran === 40 })).toBe('until')
    expect(ran).toBe(40)
    expect(await scheduler.run()).toBe('idle')
    expect(ran).toBe(100)
    expect(await scheduler.run({ until: 1000 })).toBe('until')
    expect(scheduler.now).toBe(1000)
  })

  it('keeps its order with thousands of tasks, many of them cancelled', async () => {
    const random = seededRandom(6)
    const scheduler = new Scheduler(random)
    const seen: number[] = []
    const timers = Array.from({ length: 5000 }, () =>
      scheduler.after(random.int(0, 700), 'task', () => seen.push(scheduler.now)),
    )
    const cancelled = timers.filter(() => random.chance(0.4))
    for (const timer of cancelled) timer.cancel()
    await scheduler.run()
    expect(seen.length).toBe(5000 - cancelled.length)
    expect(seen).toEqual([...seen].sort((one, other) => one - other))
  })

  it('offers the moment before each step, and shows each task', async () => {
    const shown: string[] = []
    const scheduler = new Scheduler(seededRandom(7), (task) => shown.push(task.label))
    let moments = 0
    scheduler.after(1, 'one', () => {})
    scheduler.after(2, 'two', () => {})
    await scheduler.run({ beforeStep: () => moments++ })
    expect(shown).toEqual(['one', 'two'])
    expect(moments).toBe(3)
  })

  it('ends the run with what a task throws, and can run again', async () => {
    const scheduler = schedulerOf(8)
    scheduler.after(1, 'bad', () => {
      throw new Error('planted')
    })
    scheduler.after(2, 'good', () => {})
    await expect(scheduler.run()).rejects.toThrow('planted')
    expect(await scheduler.run()).toBe('idle')
  })

  it('refuses to run twice at once', async () => {
    const scheduler = schedulerOf(9)
    const first = scheduler.run()
    await expect(scheduler.run()).rejects.toThrow('running already')
    await first
  })
})
