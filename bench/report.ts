import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { Peer, Standing } from './contest.ts'
import { machineLine } from './machine.ts'
import type { Result } from './results.ts'
import type { Spread } from './statistics.ts'

/** Writes the tables into the page, between the two marks; what people wrote around them stays. */
export function writeReport(path: string, results: readonly Result[]): void {
  const page = existsSync(path) ? readFileSync(path, 'utf8') : `${begin}\n${end}\n`
  const [before = '', rest = ''] = page.split(begin)
  const after = rest.split(end)[1] ?? ''
  writeFileSync(path, `${before}${begin}\n${tables(results)}${end}${after}`)
}

/** `1.23x (1.20–1.31)`, or in per cent for speeds that stay below the floor's. */
export function ratioText({ median, min, max }: Spread, of: 'speed' | 'time' | 'memory'): string {
  if (of !== 'speed' || median >= 2)
    return `${median.toFixed(2)}x (${min.toFixed(2)}–${max.toFixed(2)})`
  const percent = (ratio: number) => `${Math.round(ratio * 100)} %`
  return `${percent(median)} (${percent(min)}–${percent(max)})`
}

function tables(results: readonly Result[]): string {
  const machines = [...new Set(results.map(({ machine }) => machineLine(machine)))]
  const loads = results.map(({ load }) => load)
  return [
    ...machines.map((line) => `- ${line}`),
    `- load of the machine when a case began: ${Math.min(...loads).toFixed(1)}–${Math.max(...loads).toFixed(1)}`,
    '',
    '| id | work | ours | floor | ratio, median (min–max) | aim | met | peak memory, ours / floor |',
    '|---|---|---|---|---|---|---|---|',
    ...results.flatMap((result) => [row(result), ...peerRows(result)]),
    '',
    'Settings SQLite read back, the same on both sides:',
    '',
    ...settingsOf(results),
    '',
    ...peerSettings(results),
    ...notesOf(results),
  ].join('\n')
}

function row(result: Result): string {
  const { id, work, ours, floor, ratio, aim } = result
  const cells = [
    id,
    work,
    figure(ours, aim.of),
    `${figure(floor, aim.of)} (${floor.label})`,
    ratioText(ratio, aim.of),
    aimText(aim),
    result.met === undefined ? '' : result.met ? 'yes' : '**no**',
    `${mebibytes(ours.peakBytes)} / ${mebibytes(floor.peakBytes)}`,
  ]
  return `| ${cells.join(' | ')} |`
}

/** Ours again, so that a row says by itself what it compares; the floor's place is the peer's. */
function peerRows({ id, ours, peers = [] }: Result): string[] {
  return peers.map((peer) => {
    const of = peer.bytes === undefined ? 'speed' : 'memory'
    const cells = [
      id,
      `… beside ${peer.label}, ${peer.events.toLocaleString('en')} events`,
      figure(ours, of),
      figure(peer, of),
      ratioText(peer.ratio, of),
      '',
      '',
      `${mebibytes(ours.peakBytes)} / ${mebibytes(peer.peakBytes)}`,
    ]
    return `| ${cells.join(' | ')} |`
  })
}

/** How fast or how small a side was, in the unit of its aim. */
export function figure(
  { perSecond, milliseconds, bytes }: Standing,
  of: Result['aim']['of'],
): string {
  if (of === 'memory') return `${((bytes?.median ?? 0) / 1024).toFixed(1)} KiB each`
  if (of === 'time') return `${milliseconds.median.toFixed(1)} ms`
  return `${Math.round(perSecond.median).toLocaleString('en')}/s`
}

function aimText({ of, value }: Result['aim']): string {
  if (value === undefined) return ''
  if (of !== 'speed') return `<= ${value}x`
  return value >= 2 ? `>= ${value}x` : `>= ${value * 100} %`
}

function settingsOf(results: readonly Result[]): string[] {
  return groupedSettings(
    results.map(({ id, name, settings }) => ({ who: `${id} ${name}`, settings })),
  )
}

function peerSettings(results: readonly Result[]): string[] {
  const lines = groupedSettings(
    results.flatMap(({ id, name, peers = [] }) =>
      peers.map(({ label, settings }) => ({ who: `${label} in ${id} ${name}`, settings })),
    ),
  )
  return lines.length === 0 ? [] : ['What the peers read back:', '', ...lines, '']
}

function groupedSettings(
  all: readonly { readonly who: string; readonly settings: Peer['settings'] }[],
): string[] {
  const groups = new Map<string, string[]>()
  for (const { who, settings } of all) {
    const text = Object.entries(settings)
      .map(([key, value]) => `${key}=${value}`)
      .join(', ')
    if (text !== '') groups.set(text, [...(groups.get(text) ?? []), who])
  }
  return [...groups].map(([text, names]) => `- \`${text}\`: ${names.join('; ')}`)
}

function notesOf(results: readonly Result[]): string[] {
  const lines = results.flatMap(({ id, name, ours }) => {
    const notes = Object.entries(ours.notes).map(([key, value]) => `${value} ${key}`)
    return notes.length === 0 ? [] : [`- ${id} ${name}: ${notes.join(', ')}`]
  })
  return lines.length === 0 ? [] : ['Also counted, on our side:', '', ...lines, '']
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`
}

const begin = '<!-- written by `npm run bench`: begin -->'
const end = '<!-- written by `npm run bench`: end -->'
