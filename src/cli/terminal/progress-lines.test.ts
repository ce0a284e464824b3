import { expect, it } from 'vitest'
import { Captured } from '../../../test/e2e/command-io.ts'
import { Output } from './output.ts'
import { ProgressLines } from './progress-lines.ts'

it('says how far the work is at each tenth, once, and nothing at its end', () => {
  const pipe = new Captured()
  const progress = new ProgressLines(new Output(pipe, {}))
  for (let done = 0; done <= 10_000; done += 400)
    progress.show({ label: 'folding titles', done, total: 10_000, note: `${done} events` })
  const lines = pipe.text.split('\n').slice(0, -1)
  expect(lines).toHaveLength(9)
  expect(lines.slice(0, 2)).toEqual([
    'folding titles: 10 % (1200 events)',
    'folding titles: 20 % (2000 events)',
  ])
  expect(lines.at(-1)).toBe('folding titles: 90 % (9200 events)')
})

it('says nothing where nobody knows how much there is', () => {
  const pipe = new Captured()
  const progress = new ProgressLines(new Output(pipe, {}))
  progress.show({ label: 'reading', done: 5 })
  progress.show({ label: 'reading', done: 0, total: 0 })
  progress.show({ label: 'reading', done: 3, total: 4 })
  expect(pipe.text).toBe('reading: 70 % (3 of 4)\n')
})
