import { describe, expect, it } from 'vitest'
import { failureText, simulate } from '../../src/testing/index.ts'
import { plantedBugs } from './planted-bugs.ts'

describe('a simulated world', () => {
  it('is the same, step for step, for the same seed', async () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const one = await simulate(seed)
      const again = await simulate(seed)
      expect(again.hash).toBe(one.hash)
      expect(again).toEqual(one)
    }
  })

  it('is the same with live links and readers of every speed', async () => {
    const scenario = { links: 'live', readers: 4 } as const
    for (const seed of [1, 2]) {
      const one = await simulate(seed, { scenario })
      expect(one.counts.joins).toBeGreaterThan(0)
      expect(await simulate(seed, { scenario })).toEqual(one)
    }
  })

  it('is another one for each seed', async () => {
    const hashes = new Set<string>()
    for (let seed = 1; seed <= 10; seed++) hashes.add((await simulate(seed)).hash)
    expect(hashes.size).toBe(10)
  })

  it('is the same also when other worlds turn at the same time', async () => {
    const alone = await simulate(6)
    const [one, other] = await Promise.all([simulate(6), simulate(7)])
    expect(one).toEqual(alone)
    expect(other.hash).not.toBe(alone.hash)
  })

  it('fails the same way for the same seed, and tells how to see it again', async () => {
    const { plant } = plantedBugs['a repeated push is stored once more']
    const findings = async () => {
      for (let seed = 1; ; seed++) {
        const run = await simulate(seed, { plant })
        if (run.finding !== undefined) return run
      }
    }
    const [one, again] = [await findings(), await findings()]
    expect(again).toEqual(one)
    expect(failureText(one)).toMatch(/^S3 does not hold/)
    expect(failureText(one)).toContain(`REJOIN_SEED=${one.seed}`)
    expect(one.trace.at(-1)).toContain('!!')
  })

  it('takes no longer than its steps, whatever its clocks say', async () => {
    const run = await simulate(1)
    expect(run.steps).toBeGreaterThan(100)
    const seconds = Number(run.trace.at(-1)?.trim().split(' ')[0]) / 1_000
    expect(seconds).toBeGreaterThan(10)
  })
})
