import type { Compacted, CompactionKept } from '../../contracts/index.ts'
import { readersIn } from '../../projection/log-readers.ts'
import type { SqliteStore } from '../../store/sqlite/index.ts'
import { command } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { mustExist, openToWrite } from '../files/open-store.ts'
import { flag, optional, repeated, required, type Values } from '../options/option.ts'
import { duration, position, seconds, text } from '../options/readers.ts'
import { bytesText, counted } from '../terminal/figures.ts'
import { Progress } from '../terminal/progress.ts'
import { visible } from '../terminal/text-width.ts'

const options = {
  store: required('FILE', 'the log', text),
  'older-than': optional(
    'AGE',
    'wait until snapshots are this old, such as 12h, or 0 (default 30d)',
    duration,
  ),
  before: optional('POSITION', 'keep what stands behind this position', position),
  aggregate: optional('ID', 'compact only this aggregate', text),
  silence: optional(
    'SECONDS',
    'wait for peers that were heard of in this time (default 30 days)',
    seconds,
  ),
  'leave-behind': repeated('NAME', 'do not wait for this link, read model or subscription', text),
  json: flag('print what was done as JSON'),
}

export const compact = command({
  name: 'compact',
  about: `Takes the content of what an application's snapshots stand for out of this file, and only this: other replicas
keep theirs. Nothing goes that a server has not got, or that a peer, read model or subscription has not
read, nor what only a snapshot younger than 30 days stands for; what was in the way is told. The room in
the file is used again for what comes; a backup is smaller.`,
  options,
  examples: [
    'rejoin compact --store notes.db',
    'rejoin compact --store notes.db --older-than 7d',
    'rejoin compact --store notes.db --before 120000 --aggregate order-7',
  ],
  run,
})

async function run(values: Values<typeof options>, io: CommandIo): Promise<number> {
  await mustExist(values.store)
  await using store = await openToWrite(values.store, io)
  const done = await compacted(store, values, io)
  if (values.json) {
    const plain = (_: string, value: unknown) => (typeof value === 'bigint' ? `${value}` : value)
    await io.out.line(JSON.stringify(done, plain))
    return 0
  }
  const where = `in ${counted(done.aggregates, 'aggregate')}, about ${bytesText(done.bytes)}`
  await io.out.line(`compacted ${counted(done.compacted, 'event')} ${where}`)
  if (done.compacted === 0 && done.kept.length === 0) await io.err.line(nothing)
  for (const one of done.kept) await io.err.line(visible(reasonOf(one)))
  return 0
}

async function compacted(
  store: SqliteStore,
  values: Values<typeof options>,
  { err, signal }: CommandIo,
): Promise<Compacted> {
  const names = await store.projections.names(signal)
  const readers = await readersIn(store.projections, names, signal)
  const { 'older-than': olderThan, before, aggregate: aggregateId, silence } = values
  using progress = new Progress(err)
  return await store.compact({
    ...(olderThan !== undefined && { olderThan }),
    ...(before !== undefined && { before }),
    ...(aggregateId !== undefined && { aggregateId }),
    ...(silence !== undefined && { silence: Math.round(silence * 1_000) }),
    leaveBehind: values['leave-behind'],
    readers,
    signal,
    onProgress: ({ compacted, done, total }) =>
      progress.show({ label: 'compacting', done, total, note: counted(compacted, 'event') }),
  })
}

const nothing =
  'nothing more here has a snapshot that stands for it; applications take them with node.snapshot()'

function reasonOf({ reason, name = '', upTo, aggregates, aggregateId }: CompactionKept): string {
  const kept = `kept ${counted(aggregates, 'aggregate')}, such as ${aggregateId}:`
  switch (reason) {
    case 'unsent':
      return `${kept} the server ${name} has got this log only up to ${upTo}`
    case 'reader':
      return `${kept} ${name} has pulled only up to ${upTo}`
    case 'behind':
      return `${kept} ${name} has read only up to ${upTo}`
    case 'parked':
      return `${kept} ${name} has refused or set aside an event; see rejoin dead-letters`
    case 'unlinked':
      return `${kept} some of its events have no causality yet`
    case 'horizon':
      return `${kept} it stands behind --before`
    case 'young':
      return `${kept} its snapshot is younger than the horizon; see --older-than`
  }
}
