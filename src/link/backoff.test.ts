import { describe, expect, it } from 'vitest'
import { Backoff } from './backoff.ts'

const policy = { least: 0, first: 2_000, longest: 60_000 }
const always = (random: number) => ({ random: () => random })

describe('waits after failures', () => {
  it('may double each time, up to the longest, until it works again', () => {
    const backoff = new Backoff(policy, always(1))
    const waits = Array.from({ length: 8 }, () => backoff.failed())
    expect(waits).toEqual([2, 4, 8, 16, 32, 60, 60, 60].map((seconds) => seconds * 1_000))
    expect(backoff.failures).toBe(8)
    backoff.reset()
    expect(backoff.failed()).toBe(2_000)
  })

  it('are a random part of that, down to nothing, and never less than the least', () => {
    expect(new Backoff(policy, always(0)).failed()).toBe(0)
    expect(new Backoff(policy, always(0.25)).failed()).toBe(500)
    expect(new Backoff({ ...policy, least: 1_000 }, always(0.5)).failed()).toBe(1_500)
    expect(new Backoff({ least: 9_000, first: 1, longest: 1 }, always(1)).failed()).toBe(9_000)
  })

  it('are what the remote asked for and a random part, so that all who were asked don’t come at once', () => {
    expect(new Backoff(policy, always(0)).failed(30_000)).toBe(30_000)
    expect(new Backoff(policy, always(0.5)).failed(30_000)).toBe(31_000)
  })

  it('have an end, whatever the remote asks for', () => {
    expect(new Backoff(policy, always(0)).failed(Number.MAX_SAFE_INTEGER)).toBe(3_600_000)
  })

  it('stay finite after any number of failures', () => {
    const backoff = new Backoff(policy, always(1))
    for (let n = 0; n < 2_000; n++) expect(backoff.failed()).toBeLessThanOrEqual(60_000)
  })
})
