import { expect, it } from 'vitest'
import { latestUsableStamp, stampOf } from './stamp.ts'

it('a stamp is nanoseconds, exact far beyond 2^53', () => {
  expect(stampOf(1_759_000_000_123)).toBe(1_759_000_000_123_000_000n)
  expect(stampOf(1_759_000_000_123.9)).toBe(1_759_000_000_123_000_000n)
  expect(stampOf(0)).toBe(0n)
  expect(stampOf(-0.5)).toBe(-1_000_000n)
})

it('the latest usable stamp is midnight, 1 January 2200, and an int64', () => {
  expect(latestUsableStamp).toBe(stampOf(Date.UTC(2200, 0, 1)))
  expect(latestUsableStamp).toBeLessThan(2n ** 63n)
})
