import type { BranchRecord, ConflictRecord } from '../../conflict/index.ts'
import { nodeOf } from '../../event/index.ts'
import { counted } from '../terminal/figures.ts'
import type { Style } from '../terminal/style.ts'
import { visible } from '../terminal/text-width.ts'
import { localTime } from '../terminal/time-text.ts'

/** A conflict for people: what, who decided, and a line for each branch with the events it has. */
export function journalText(record: ConflictRecord, style: Style): string {
  const { aggregateId, key, at, open, outcome, rule, resolver, reasons } = record
  const isWaiting = open && outcome === 'review'
  const state = isWaiting ? style.yellow('waits for a decision') : open ? 'open' : 'settled'
  const chosenBy = rule === null ? 'no rule' : `rule ${rule}`
  return [
    `${style.dim(localTime(at))}  ${style.bold(visible(aggregateId))}  ${style.cyan(visible(key))}  ${state}`,
    `  ${visible(`${resolver} (${chosenBy})`)}${reasons.map((one) => `; ${visible(one)}`).join('')}`,
    ...record.branches.map((branch, index) => `  ${branchText(branch, index, record)}`),
    '',
  ].join('\n')
}

function branchText(branch: BranchRecord, index: number, record: ConflictRecord): string {
  const { events } = branch
  const nodes = events.map(({ origin }) => (origin === null ? '-' : nodeOf(origin)))
  const shown = events.slice(0, mostShown).map(({ id }) => id)
  const more = events.length - shown.length
  const ids = more === 0 ? shown : [...shown, `and ${counted(more, 'more event')}`]
  return visible(`${fateOf(index, record)}  ${[...new Set(nodes)].join(', ')}: ${ids.join(', ')}`)
}

function fateOf(index: number, { outcome, winners }: ConflictRecord): string {
  if (outcome === 'merge') return 'merged'
  return outcome === 'review' || winners.includes(index) ? 'counts' : 'lost  '
}

const mostShown = 5
