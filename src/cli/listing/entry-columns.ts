import { nodeOf } from '../../event/index.ts'
import type { Output } from '../terminal/output.ts'
import { cells, clipped, fitted, visible } from '../terminal/text-width.ts'
import { localTime } from '../terminal/time-text.ts'
import type { Listed } from './listed.ts'

/**
 * Entries in columns for people: position, time, node, type, aggregate, data. The first entries decide how
 * wide the columns are; on a terminal each entry is cut to one line, elsewhere nothing is cut.
 */
export function entryColumns(
  first: readonly Listed[],
  positionWidth: number,
  { style, columns }: Output,
): (entry: Listed) => string {
  const [position = 0, ...others] = widthsOf(first)
  const widths = [Math.max(position, positionWidth), ...others]
  return (entry) => {
    const [position, time, node, type, aggregate] = cellTexts(entry).map((text, at) =>
      sized(text, widths[at] as number, at === 0, columns !== undefined),
    ) as [string, string, string, string, string]
    const { stub, dataText } = entry.event
    const data = visible(stub === null ? dataText : `(${stub})`)
    const left = [position, time, node, type, aggregate].reduce(
      (sum, text) => sum + cells(text) + 2,
      0,
    )
    const shown = columns === undefined ? data : clipped(data, columns - left)
    const painted = [
      style.dim(position),
      style.dim(time),
      node,
      style.cyan(type),
      style.bold(aggregate),
    ]
    return [...painted, shown].join('  ').trimEnd()
  }
}

function cellTexts({ position, event }: Listed): readonly string[] {
  const { stamp, origin, type, aggregateId } = event
  const time = localTime(Number(stamp / 1_000_000n))
  const node = origin === null ? '-' : nodeOf(origin)
  return [
    position === undefined ? '-' : String(position),
    time,
    node,
    type || '-',
    aggregateId,
  ].map(visible)
}

function widthsOf(first: readonly Listed[]): readonly number[] {
  const rows = first.map(cellTexts)
  return mostCells.map((most, at) =>
    Math.min(most, Math.max(1, ...rows.map((row) => cells(row[at] as string)))),
  )
}

function sized(text: string, width: number, toTheRight: boolean, cut: boolean): string {
  if (toTheRight) return text.padStart(width)
  return cut || cells(text) <= width ? fitted(text, width) : text
}

const mostCells = [20, 19, 16, 24, 32] as const
