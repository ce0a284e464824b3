import type { Output } from './output.ts'
import { cells, visible } from './text-width.ts'

/** A text, and how it is painted. */
export interface Cell {
  readonly text: string
  readonly paint?: (text: string) => string
}

export interface TableRow {
  /** The first says what the row is about. */
  readonly cells: readonly Cell[]
  /** Sentences about it. */
  readonly notes: readonly Cell[]
}

/**
 * Rows under headings, each with its notes below it. Where a terminal is too narrow for that, a block for each row. No
 * line of a table is wider than the terminal, unless one word is.
 */
export function table(
  headings: readonly string[],
  given: readonly TableRow[],
  { style, columns }: Pick<Output, 'style' | 'columns'>,
): readonly string[] {
  const rows = given.map(shown)
  const widths = headings.map((heading, at) =>
    Math.max(cells(heading), ...rows.map((row) => cells(row.cells[at]?.text ?? ''))),
  )
  const width = widths.reduce((sum, one) => sum + one + gap, -gap)
  const notesOf = ({ notes }: TableRow) => notes.flatMap((note) => wrapped(note, 2, columns))
  if (columns !== undefined && width > columns)
    return rows.flatMap((row) => [
      ...row.cells.slice(0, 1).map((cell) => style.bold(cell.text)),
      ...row.cells.slice(1).flatMap((cell, at) => {
        const heading = (headings[at + 1] ?? '').padEnd(Math.max(...headings.map(cells)))
        const left = `  ${style.dim(heading)}  `
        const lines = wrapped(cell, 2 + heading.length + 2, columns)
        return lines.map((line, at) => (at === 0 ? `${left}${line.trimStart()}` : line))
      }),
      ...notesOf(row),
    ])
  const line = (row: readonly Cell[]) =>
    row.map((cell, at) => painted(cell, (widths[at] ?? 0) + gap, at === row.length - 1)).join('')
  return [
    line(headings.map((text) => ({ text, paint: style.dim }))),
    ...rows.flatMap((row) => [line(row.cells), ...notesOf(row)]),
  ]
}

/** A text in lines that are indented and, on a terminal, as wide as that. */
export function wrapped({ text, paint }: Cell, indent: number, columns?: number): string[] {
  const room = columns === undefined ? Number.POSITIVE_INFINITY : Math.max(1, columns - indent)
  const lines: string[] = []
  for (const word of visible(text).split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && cells(last) + 1 + cells(word) <= room)
      lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines.map((line) => `${' '.repeat(indent)}${paint ? paint(line) : line}`)
}

function shown({ cells, notes }: TableRow): TableRow {
  return { cells: cells.map((cell) => ({ ...cell, text: visible(cell.text) })), notes }
}

function painted({ text, paint }: Cell, width = 0, isLast = true): string {
  const padding = isLast ? '' : ' '.repeat(Math.max(0, width - cells(text)))
  return `${paint ? paint(text) : text}${padding}`
}

const gap = 2
