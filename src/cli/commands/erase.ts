import type { Erasure } from '../../contracts/index.ts'
import type { EventId } from '../../event/index.ts'
import type { SqliteStore } from '../../store/sqlite/index.ts'
import { command } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { mustExist, openToWrite } from '../files/open-store.ts'
import { misuse } from '../misuse.ts'
import { flag, optional, repeated, required, type Values } from '../options/option.ts'
import { text } from '../options/readers.ts'
import { counted } from '../terminal/figures.ts'
import { visible } from '../terminal/text-width.ts'

const options = {
  store: required('FILE', 'the log', text),
  event: repeated('ID', 'erase this event', text),
  aggregate: optional('ID', 'erase all events of this aggregate', text),
  yes: flag('do it; without this nothing is erased'),
}

export const erase = command({
  name: 'erase',
  about: `Replaces the content of events by stubs, overwrites it in the file, and has every replica do so at its
next sync. Ids, aggregate ids and tenants stay. Backups, Go servers and what others copied keep what they
have.`,
  options,
  examples: [
    'rejoin erase --store notes.db --event 0199… --yes',
    'rejoin erase --store notes.db --aggregate customer-7 --yes',
  ],
  run,
})

async function run(values: Values<typeof options>, io: CommandIo): Promise<number> {
  const what = whatOf(values)
  await mustExist(values.store)
  await using store = await openToWrite(values.store, io)
  return values.yes ? await eraseNow(store, what, io) : await tell(store, what, io)
}

function whatOf({ event, aggregate }: Values<typeof options>): Erasure {
  if (aggregate === undefined && event.length === 0)
    throw misuse('say what to erase: --event ID or --aggregate ID')
  if (aggregate !== undefined && event.length > 0)
    throw misuse('--event and --aggregate exclude each other')
  return aggregate === undefined ? (event as EventId[]) : { aggregateId: aggregate }
}

async function eraseNow(store: SqliteStore, what: Erasure, io: CommandIo): Promise<number> {
  const { erased, unknown } = await store.erase(what, io.signal)
  await io.out.line(`erased ${counted(erased, 'event')}; replicas follow as they sync`)
  for (const id of unknown) await io.err.line(`not here, so not erased: ${visible(id)}`)
  return unknown.length === 0 ? 0 : 1
}

async function tell(store: SqliteStore, what: Erasure, io: CommandIo): Promise<number> {
  const count = await livingIn(store, what, io.signal)
  await io.err.line(`this would erase ${counted(count, 'event')} for good; say so with --yes`)
  return 1
}

async function livingIn(
  store: SqliteStore,
  what: Erasure,
  signal: AbortSignal | undefined,
): Promise<number> {
  const isLiving = ({ stub }: { readonly stub: string | null }) => stub !== 'erased'
  if (!('aggregateId' in what)) return (await store.fetch(what, signal)).filter(isLiving).length
  let count = 0
  let page = await store.entries(what, signal)
  for (;;) {
    count += page.entries.filter(({ event }) => isLiving(event)).length
    if (!page.more) return count
    page = await store.entries({ ...what, after: page.next }, signal)
  }
}
