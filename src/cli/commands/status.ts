import { stat } from 'node:fs/promises'
import type { StoreStatus } from '../../contracts/index.ts'
import { command } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { openToRead } from '../files/open-store.ts'
import { type ReadModelStatus, readModelsOf, readModelText } from '../listing/read-model-rows.ts'
import { flag, required, type Values } from '../options/option.ts'
import { text } from '../options/readers.ts'
import { leftSpools } from '../spool/left-spools.ts'
import { bytesText, counted, durationText, grouped, plural } from '../terminal/figures.ts'
import { shellWord } from '../terminal/shell-word.ts'
import type { Style } from '../terminal/style.ts'

const options = {
  store: required('FILE', 'the log', text),
  json: flag('print it as JSON'),
}

export const status = command({
  name: 'status',
  about: `Shows who this log is, what it holds, and for each server it syncs with what that has not confirmed
yet and what it refused (parked); and the read models in its file, with the hash of the rules that they are
folded by.`,
  options,
  examples: ['rejoin status --store notes.db', 'rejoin status --store notes.db --json | jq .links'],
  run,
})

async function run(values: Values<typeof options>, io: CommandIo): Promise<number> {
  await using store = await openToRead(values.store, io)
  const found = await store.status(io.signal)
  const about = {
    store: values.store,
    bytes: await sizeOf(values.store),
    unfinished: await leftSpools(values.store),
    readModels: await readModelsOf(store, found.position, io.signal),
  }
  await io.out.line(
    values.json ? jsonOf(found, about) : textOf(found, about, io.out.style).join('\n'),
  )
  return 0
}

interface About {
  readonly store: string
  readonly bytes: number
  /** Spools of appends that were cut short. */
  readonly unfinished: readonly string[]
  readonly readModels: readonly ReadModelStatus[]
}

async function sizeOf(store: string): Promise<number> {
  const sizes = ['', '-wal'].map((end) =>
    stat(`${store}${end}`).then(
      ({ size }) => size,
      () => 0,
    ),
  )
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

function jsonOf(found: StoreStatus, about: About): string {
  const { position, events, erased, aggregates, clashes, links } = found
  return JSON.stringify({
    ...about,
    ...found,
    position: String(position),
    events: Number(events),
    erased: Number(erased),
    aggregates: Number(aggregates),
    clashes: Number(clashes),
    links: links.map((link) => ({ ...link, unsynced: Number(link.unsynced) })),
  })
}

function textOf(found: StoreStatus, about: About, style: Style): readonly string[] {
  const { node, origin, position, events, erased, aggregates, clashes, clockLead, links } = found
  const rows: readonly (readonly [string, string])[] = [
    ['node', node],
    ['origin', origin],
    ['events', `${grouped(events)} in ${grouped(aggregates)} ${plural(aggregates, 'aggregate')}`],
    ...(erased === 0n ? [] : [['erased', counted(erased, 'event')] as const]),
    ['position', String(position)],
    ['size', bytesText(about.bytes)],
    ['clashes', clashes === 0n ? 'none' : style.yellow(grouped(clashes))],
    ['clock', clockText(clockLead, style)],
  ]
  return [
    style.bold(about.store),
    ...table(rows, style),
    ...(links.length === 0 ? ['', style.dim('no links: nothing was synced yet')] : []),
    ...links.flatMap((link) => ['', style.bold(`link to ${link.link}`), ...linkRows(link, style)]),
    ...readModelRows(about.readModels, style),
    ...about.unfinished.flatMap((spool) => [
      '',
      style.yellow('an append was cut short; finish it with'),
      `  rejoin append --store ${shellWord(about.store)} --resume ${shellWord(spool)}`,
    ]),
  ]
}

function readModelRows(models: readonly ReadModelStatus[], style: Style): readonly string[] {
  if (models.length === 0) return []
  const rows = models.map((model) => readModelText(model, style))
  return ['', style.bold('read models'), ...table(rows, style)]
}

function clockText(lead: number, style: Style): string {
  return lead === 0
    ? 'in step with the wall clock'
    : style.yellow(`${durationText(lead)} ahead of the wall clock`)
}

function linkRows(link: StoreStatus['links'][number], style: Style): readonly string[] {
  const { unsynced, parked, pulled, pushed } = link
  return table(
    [
      [
        'unsynced',
        unsynced === 0n ? style.green('nothing') : style.yellow(counted(unsynced, 'event')),
      ],
      ['parked', parked === 0 ? 'none' : style.red(counted(parked, 'event'))],
      ['pulled', pulled || 'nothing yet'],
      ['pushed', pushed || 'nothing yet'],
    ],
    style,
  )
}

function table(rows: readonly (readonly [string, string])[], style: Style): readonly string[] {
  const width = Math.max(10, ...rows.map(([name]) => name.length + 2))
  return rows.map(([name, value]) => `  ${style.dim(name.padEnd(width))}${value}`)
}
