import { expect, it } from 'vitest'
import { cells, clipped, fitted, visible } from './text-width.ts'

it.each([
  ['hello', 5],
  ['héllo', 5],
  ['he\u0301llo', 5],
  ['日本語', 6],
  ['한국', 4],
  ['🚀', 2],
  ['', 0],
])('%s takes up %i cells', (text, width) => {
  expect(cells(text)).toBe(width)
})

it('clips to a width and says so', () => {
  expect(clipped('hello', 5)).toBe('hello')
  expect(clipped('hello', 4)).toBe('hel…')
  expect(clipped('日本語', 5)).toBe('日本…')
  expect(clipped('日本語', 4)).toBe('日…')
  expect(clipped('日本語', 6)).toBe('日本語')
  expect(clipped('hello', 1)).toBe('…')
  expect(clipped('hello', 0)).toBe('')
  expect(clipped('hello', -5)).toBe('')
  expect(clipped('🚀🚀🚀', 5)).toBe('🚀🚀…')
})

it('fits to a width', () => {
  expect(fitted('日本', 6)).toBe('日本  ')
  expect(fitted('hello', 4)).toBe('hel…')
})

it('shows what would steer the terminal or turn letters round', () => {
  expect(visible('a\x1b[31mb\x9bc\u202ed\u2066')).toBe('a\\u001b[31mb\\u009bc\\u202ed\\u2066')
  expect(visible('日本 é 🚀')).toBe('日本 é 🚀')
})
