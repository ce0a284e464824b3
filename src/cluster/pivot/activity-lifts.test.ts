import { expect, it } from 'vitest'
import { ActivityLifts } from './activity-lifts.ts'

it('is the greatest time, as long as that tells', () => {
  const lifts = new ActivityLifts()
  expect(lifts.shown('users/*', 5n)).toBe(5n)
  lifts.changed('users/*')
  expect(lifts.shown('users/*', 7n)).toBe(7n)
  expect(lifts.shown('users/*', 7n)).toBe(7n)
})

it('K1: is greater than ever before when something came that was written before the latest', () => {
  const lifts = new ActivityLifts()
  expect(lifts.shown('users/*', 5n)).toBe(5n)
  for (const expected of [6n, 7n]) {
    lifts.changed('users/*')
    expect(lifts.shown('users/*', 5n)).toBe(expected)
    expect(lifts.shown('users/*', 5n)).toBe(expected)
  }
  expect(lifts.shown('settings', 5n)).toBe(5n)
  lifts.changed('users/*')
  expect(lifts.shown('users/*', 9n)).toBe(9n)
})

it('is greater than that of a node which lacks something', () => {
  const lifts = new ActivityLifts()
  lifts.over('users/*', 8n)
  lifts.over('users/*', 3n)
  expect(lifts.shown('users/*', 5n)).toBe(9n)
  expect(lifts.shown('users/*', 12n)).toBe(12n)
})
