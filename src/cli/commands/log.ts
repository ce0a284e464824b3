import type { Entries, Entry, EventStore } from '../../contracts/index.ts'
import { parseCursor } from '../../version/index.ts'
import { command } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { openToRead } from '../files/open-store.ts'
import { entryColumns } from '../listing/entry-columns.ts'
import { entryJson } from '../listing/entry-json.ts'
import { flag, optional, required, type Values } from '../options/option.ts'
import { count, position, text } from '../options/readers.ts'

const options = {
  store: required('FILE', 'the log', text),
  aggregate: optional('ID', 'only the events of this aggregate', text),
  after: optional('POSITION', 'only what stands after this position', position),
  limit: optional('N', 'at most this many events', count),
  json: flag('one JSON object a line, with every field and the exact data'),
}

export const log = command({
  name: 'log',
  summary: 'print the events of a log',
  about: `Prints events in the order this log took them in: position, time, the node that wrote the event,
type, aggregate, data. Stubs are shown as such. Memory stays small, however long the log is.`,
  options,
  examples: [
    'rejoin log --store notes.db',
    'rejoin log --store notes.db --aggregate note-1 --json | jq .data',
  ],
  run,
})

async function run(values: Values<typeof options>, io: CommandIo): Promise<number> {
  await using store = await openToRead(values.store, io)
  const { aggregate, after, limit = Number.POSITIVE_INFINITY } = values
  let range = {
    ...(aggregate === undefined ? {} : { aggregateId: aggregate }),
    ...(after === undefined ? {} : { after }),
  }
  let left = limit
  let format: ((entry: Entry) => string) | undefined
  while (left > 0) {
    const page: Entries = await store.entries(
      { ...range, count: Math.min(left, pageSize) },
      io.signal,
    )
    format ??= values.json ? entryJson : await columnsFor(store, page, io)
    await io.out.write(page.entries.map((entry) => `${format?.(entry)}\n`).join(''))
    // Whoever read us has enough (`| head`).
    if (!page.more || io.out.gone) return 0
    left -= page.entries.length
    range = { ...range, after: page.next }
  }
  return 0
}

/** The columns for a log that begins with this page. */
async function columnsFor(store: EventStore, page: Entries, { out, signal }: CommandIo) {
  const last = page.more ? parseCursor((await store.identity(signal)).end)?.position : undefined
  return entryColumns(page.entries, String(last ?? '').length, out)
}

const pageSize = 500
