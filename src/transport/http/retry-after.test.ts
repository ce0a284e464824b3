import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { property } from '../../../test/property.ts'
import { retryAfter } from './retry-after.ts'

const day = 86_400_000

describe('Retry-After', () => {
  it.each([
    [null, undefined],
    ['', undefined],
    ['0', 0],
    [' 120 ', 120_000],
    ['-1', undefined],
    ['1.5', undefined],
    ['99999999', day],
    ['99999999999', undefined],
    ['later', undefined],
    ['Thu, 01 Jan 1970 00:00:30 GMT', 30_000],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['Sun, 06 Nov 1994 08:49:37 GMT', day],
    ['Sun, 06 Foo 1994 08:49:37 GMT', undefined],
    ['1994-11-06T08:49:37Z', undefined],
  ])('%j asks to wait %s ms', (header, expected) => {
    expect(retryAfter(header, 0)).toBe(expected)
  })

  it('that lies in the past asks for nothing', () => {
    expect(retryAfter('Sun, 06 Nov 1994 08:49:37 GMT', Date.UTC(2026, 0))).toBe(0)
  })

  it('reads every date as the calendar has it', async () => {
    const seconds = fc.integer({ min: 0, max: Date.UTC(2400, 0) / 1000 })
    await property(seconds, async (at) => {
      const header = new Date(at * 1000).toUTCString()
      expect(retryAfter(header, at * 1000 - 5000)).toBe(5000)
    })
  })
})
