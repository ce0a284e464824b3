import { expect, it } from 'vitest'
import { bytesText, counted, durationText, grouped } from './figures.ts'
import { clockTime, isoTime, localTime } from './time-text.ts'

it('writes numbers as people read them', () => {
  expect([grouped(12_345), grouped(5n)]).toEqual(['12,345', '5'])
  expect([0, 1, 2n].map((each) => counted(each, 'event'))).toEqual([
    '0 events',
    '1 event',
    '2 events',
  ])
})

it.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [65_536, '64 KiB'],
  [5_500_000, '5.2 MiB'],
  [2 ** 50, '1024 TiB'],
])('%d bytes are %s', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text)
})

it.each([
  [0.4, '0 ms'],
  [999, '999 ms'],
  [1_540, '1.5 s'],
  [999.4, '999 ms'],
  [999.6, '1.0 s'],
  [59_960, '1 min 0 s'],
  [125_000, '2 min 5 s'],
  [3_599_499, '59 min 59 s'],
  [3_599_500, '1 h 0 min'],
  [10_799_994, '3 h 0 min'],
  [86_369_499, '23 h 59 min'],
  [86_370_000, '1 day 0 h'],
  [215_999_938, '2 days 12 h'],
])('%d milliseconds are %s', (ms, text) => {
  expect(durationText(ms)).toBe(text)
})

it('writes times without depending on the language of the machine', () => {
  const time = 1_767_225_600_007
  expect(isoTime(time)).toBe('2026-01-01T00:00:00.007Z')
  expect(localTime(time)).toMatch(/^20\d\d-\d\d-\d\d \d\d:00:00$/)
  expect(clockTime(time)).toMatch(/^\d\d:\d\d:00\.007$/)
})
