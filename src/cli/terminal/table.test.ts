import { expect, it } from 'vitest'
import { styleFor } from './style.ts'
import { type TableRow, table, wrapped } from './table.ts'

const style = styleFor({}, {})
const row = (cells: readonly string[], ...notes: readonly string[]): TableRow => ({
  cells: cells.map((text) => ({ text })),
  notes: notes.map((text) => ({ text })),
})
const lines = (rows: readonly TableRow[], columns?: number) =>
  table(['NAME', 'AGE'], rows, { style, columns })

it('columns are as wide as what is in them, without blanks at the end', () => {
  expect(lines([row(['lamp', '2 min']), row(['日本', '']), row(['a', 'b'], 'a note')])).toEqual([
    'NAME  AGE',
    'lamp  2 min',
    '日本  ',
    'a     b',
    '  a note',
  ])
})

it('a terminal that is too narrow gets a block for each row', () => {
  const rows = [row(['a long name', 'x'], 'told in four words'), row(['b', 'y'])]
  const expected = ['a long name', '  AGE   x', '  told in', '  four', '  words', 'b', '  AGE   y']
  expect(lines(rows, 10)).toEqual(expected)
  expect(lines(rows, 200)[0]).toBe('NAME         AGE')
})

it('what comes from elsewhere steers no terminal, and paint takes no room', () => {
  expect(lines([row(['\x1b[2J', 'x'], 'a\nb')])).toEqual([
    'NAME       AGE',
    '\\u001b[2J  x',
    '  a\\u000ab',
  ])
  const painted = { text: 'ab cd', paint: (text: string) => `<${text}>` }
  expect(wrapped(painted, 1, 4)).toEqual([' <ab>', ' <cd>'])
  expect(wrapped(painted, 1)).toEqual([' <ab cd>'])
})
