import { counted, durationText, grouped } from '../terminal/figures.ts'
import type { Output } from '../terminal/output.ts'
import type { Style } from '../terminal/style.ts'
import { type Cell, type TableRow, table, wrapped } from '../terminal/table.ts'
import { localTime } from '../terminal/time-text.ts'
import { linkText } from './link-text.ts'
import type { ToldKey, ToldPeer, ToldStatus } from './told-status.ts'
import { troublesOf } from './troubles.ts'

/** A server's part in its cluster, for people. */
export function statusText(status: ToldStatus, out: Pick<Output, 'style' | 'columns'>): string {
  const { style, columns } = out
  const troubles = troublesOf(status)
  const paint = style.red
  return [
    ...wrapped(headingOf(status, troubles.length, style), 0, columns),
    ...troubles.flatMap((text) => wrapped({ text, paint }, 2, columns)),
    '',
    ...table(
      ['KEY', 'ROLE', 'LEADER', 'TERM', 'PENDING', 'AS OF', 'PROOF'],
      status.keys.map((key) => keyRow(key, status.time, style)),
      out,
    ),
    '',
    ...(status.peers.length === 0
      ? [style.dim('no other servers are known here')]
      : table(
          ['SERVER', 'KIND', 'HEALTH', 'CHECKED', 'LAG', 'CLOCK'],
          status.peers.map((peer) => peerRow(peer, status, style)),
          out,
        )),
    '',
  ].join('\n')
}

function headingOf(status: ToldStatus, troubles: number, style: Style): Cell {
  const { node, address, cluster, role } = status
  const at = address === undefined ? '' : ` at ${address}`
  const name = `${node}${at}${cluster === undefined ? '' : ` of the cluster "${cluster}"`}`
  const verdict = troubles === 0 ? 'ok' : counted(troubles, 'trouble')
  const colour = troubles === 0 ? style.green : style.red
  return {
    text: `${name} ${roles[role] ?? role}: ${verdict}`,
    paint: (line) =>
      line.endsWith(verdict)
        ? `${style.bold(line.slice(0, -verdict.length))}${colour(verdict)}`
        : style.bold(line),
  }
}

function keyRow(key: ToldKey, now: number, style: Style): TableRow {
  const { path, storage, role, leader, term, configured, pendingWrites, problem, forgotten } = key
  const isLed = role === 'leader'
  return {
    cells: [
      { text: storage === 'main' ? path : `${path} in ${storage}`, paint: style.bold },
      { text: role, ...(isLed && { paint: style.cyan }) },
      { text: leader ?? (isLed ? 'this server' : '-') },
      { text: term === '0' ? 'configured' : localTime(Number(BigInt(term) / 1_000_000n)) },
      pendingCell(pendingWrites, style),
      { text: isLed ? 'now' : agoText(key.asOf, now) },
      proofCell(key, now, style),
    ],
    notes: [
      ...(configured === undefined
        ? []
        : [{ text: `the configuration says ${configured}`, paint: style.dim }]),
      ...(forgotten === undefined ? [] : [{ text: forgottenText(forgotten), paint: style.dim }]),
      ...(problem === undefined ? [] : [{ text: problem, paint: style.red }]),
    ],
  }
}

function forgottenText({ at, from, objects, tombstones, unsent }: ForgottenHere): string {
  const former = from === undefined ? 'this server led it' : `it was followed from ${from}`
  const gone = `${counted(objects, 'object')} and ${counted(tombstones, 'delete')}`
  return `begun anew ${localTime(at)}, when ${former}: ${gone} forgotten, ${grouped(unsent)} unsent`
}

type ForgottenHere = NonNullable<ToldKey['forgotten']>

function pendingCell(count: number | undefined, style: Style): Cell {
  if (count === undefined) return { text: 'unknown', paint: style.yellow }
  return { text: grouped(count), ...(count > 0 && { paint: style.yellow }) }
}

function proofCell({ role, proof }: ToldKey, now: number, style: Style): Cell {
  if (role === 'leader') return { text: '-', paint: style.dim }
  if (proof === undefined) return { text: 'not yet', paint: style.dim }
  const { at, agrees, defects } = proof
  const repaired = defects === 0 ? '' : `, ${grouped(defects)} repaired`
  const text = `${agrees ? 'same' : 'differs'} ${agoText(at, now)}${repaired}`
  if (!agrees) return { text, paint: style.red }
  return { text, paint: defects === 0 ? style.green : style.yellow }
}

function peerRow(peer: ToldPeer, { cluster, time: now }: ToldStatus, style: Style): TableRow {
  const { address, kind, healthy, lastCheck, lag, clockOffset, clockTrouble, links } = peer
  return {
    cells: [
      { text: address, paint: style.bold },
      { text: kinds[kind] ?? kind },
      healthCell(peer, style),
      { text: lastCheck === undefined ? 'never' : agoText(lastCheck, now) },
      { text: lag === undefined || healthy === false ? '-' : durationText(lag) },
      {
        text: clockOffset === undefined ? '-' : offsetText(clockOffset),
        ...(clockTrouble !== undefined && { paint: style.red }),
      },
    ],
    notes: [
      ...clusterNote(peer, cluster, style),
      ...links.map((link) => linkText(link, { now, isOnly: links.length === 1, style })),
    ],
  }
}

/** One that has none can be of any cluster. */
function clusterNote(peer: ToldPeer, own: string | undefined, style: Style): readonly Cell[] {
  const { kind, cluster } = peer
  if (kind === 'foreign') return [{ text: `of another cluster, "${cluster}"`, paint: style.red }]
  if (own === undefined || kind !== 'native' || cluster !== undefined) return []
  return [{ text: 'its cluster has no name', paint: style.dim }]
}

function healthCell({ kind, healthy, retired }: ToldPeer, style: Style): Cell {
  if (retired) return { text: 'retired', paint: style.dim }
  if (kind === 'foreign') return { text: 'refused', paint: style.red }
  if (healthy === undefined) return { text: 'unknown', paint: style.dim }
  return healthy ? { text: 'there', paint: style.green } : { text: 'away', paint: style.red }
}

function offsetText(milliseconds: number): string {
  const sign = ['-', '', '+'][Math.sign(milliseconds) + 1]
  return `${sign}${durationText(Math.abs(milliseconds))}`
}

/** Of long ago the time says more than how long it is. */
function agoText(time: number | undefined, now: number): string {
  if (time === undefined) return 'unknown'
  const ago = Math.max(0, now - time)
  return ago < 3_600_000 ? `${durationText(ago)} ago` : localTime(time)
}

const roles: Readonly<Record<string, string>> = {
  pivot: 'leads all its keys',
  node: 'follows in all its keys',
  mixed: 'leads some of its keys and follows in others',
  none: 'shares nothing',
}
const kinds: Readonly<Record<string, string>> = { native: 'rejoin', foreign: 'rejoin' }
