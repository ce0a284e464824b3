import { expect, it } from 'vitest'
import { didYouMean } from './did-you-mean.ts'

const words = ['serve', 'append', 'sync', 'status', 'store']

it.each([
  ['serv', 'serve'],
  ['appned', 'append'],
  ['SYNC', 'sync'],
  ['statsu', 'status'],
])('finds what a slip of the finger made of a word: %s', (word, meant) => {
  expect(didYouMean(word, words)).toBe(`; did you mean "${meant}"?`)
})

it.each(['', 'x', 'elephant'])('guesses nothing for "%s"', (word) => {
  expect(didYouMean(word, words)).toBe('')
})
