import type { EventStore, Transport } from '../../contracts/index.ts'
import { filterOf, type LogEvent } from '../../event/index.ts'
import { systemRuntime } from '../../runtime/index.ts'
import { parseCursor } from '../../version/index.ts'
import { command } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { openToFollow, openToRead } from '../files/open-store.ts'
import { entryColumns } from '../listing/entry-columns.ts'
import { entryJson } from '../listing/entry-json.ts'
import type { Listed, Stretch } from '../listing/listed.ts'
import { localEvents } from '../listing/local-events.ts'
import { misuse } from '../misuse.ts'
import { remoteEvents } from '../network/remote-events.ts'
import { flag, optional, type Values } from '../options/option.ts'
import { count, position, text, token, webAddress } from '../options/readers.ts'
import { tokenIn } from '../options/token-in.ts'

const options = {
  store: optional('FILE', 'the log on this machine', text),
  remote: optional('URL', 'or the log of a server, such as https://example.org', webAddress),
  token: optional('TOKEN', 'what the server asks for; also from REJOIN_TOKEN', token),
  follow: flag('go on with what is written later, until interrupted'),
  aggregate: optional('ID', 'only the events of this aggregate', text),
  after: optional('POSITION', 'only what stands after this position of a log here', position),
  limit: optional('N', 'at most this many events', count),
  json: flag('one JSON object a line, with every field and the exact data'),
}

export const log = command({
  name: 'log',
  about: `Prints events in the order this log took them in: position, time, the node that wrote the event,
type, aggregate, data. Stubs are shown as such. Memory stays small, however long the log is.
With --follow it goes on as events are written, by whichever process, or come to the server.`,
  options,
  examples: [
    'rejoin log --store notes.db',
    'rejoin log --store notes.db --aggregate note-1 --json | jq .data',
    'rejoin log --remote http://127.0.0.1:8080 --follow',
  ],
  run,
})

type Wanted = Values<typeof options>

async function run(values: Wanted, io: CommandIo): Promise<number> {
  const { store: path, remote, after } = values
  if ((path === undefined) === (remote === undefined))
    throw misuse('give --store FILE or --remote URL, one of them')
  if (path !== undefined) {
    const { aggregate, follow } = values
    await using store = await (follow ? openToFollow : openToRead)(path, io)
    const wanted = { ...(aggregate && { aggregateId: aggregate }), ...(after && { after }) }
    return await print(
      localEvents(store, { ...wanted, follows: follow }, io.signal),
      values,
      io,
      store,
    )
  }
  if (after !== undefined) throw misuse('--after is for a log on this machine')
  await using transport = await transportTo(remote as string, values, io)
  const { aggregate } = values
  const filter = aggregate === undefined ? undefined : filterFor(aggregate)
  const wanted = { follows: values.follow, ...(filter && { filter }) }
  return await print(remoteEvents(transport, wanted, io), values, io)
}

async function print(
  stretches: AsyncIterable<Stretch>,
  { limit = Number.POSITIVE_INFINITY, json, aggregate }: Wanted,
  io: CommandIo,
  store?: EventStore,
): Promise<number> {
  let left = limit
  let format: ((entry: Listed) => string) | undefined
  for await (const { events, isEnd } of stretches) {
    const isWanted = ({ event }: Listed) =>
      aggregate === undefined || event.aggregateId === aggregate
    const shown = events.filter(isWanted).slice(0, left)
    if (shown.length > 0) {
      format ??= json ? entryJson : entryColumns(shown, await widthIn(store, isEnd, io), io.out)
      await io.out.write(shown.map((entry) => `${format?.(entry)}\n`).join(''))
    }
    left -= shown.length
    // Whoever read us has enough (`| head`).
    if (left === 0 || io.out.gone) return 0
  }
  io.signal.throwIfAborted()
  return 0
}

/** Of the positions that are still to come. */
async function widthIn(
  store: EventStore | undefined,
  isEnd: boolean,
  { signal }: CommandIo,
): Promise<number> {
  if (isEnd || store === undefined) return 0
  return String(parseCursor((await store.identity(signal)).end)?.position ?? '').length
}

/** Half of what this command can load is the way to a server: it is loaded where there is one. */
async function transportTo(
  url: string,
  values: Wanted,
  { env }: CommandIo,
): Promise<Transport<LogEvent>> {
  const { httpTransport } = await import('../../transport/http/client.ts')
  const given = values.token ?? tokenIn(env)[0]
  return httpTransport({
    url,
    ...(given === undefined ? {} : { headers: { authorization: `Bearer ${given}` } }),
  })
}

/** An id that ends in a star is a pattern there; what else it brings is left out here. */
function filterFor(aggregate: string) {
  return filterOf({ aggregates: [aggregate] }, systemRuntime, {
    operation: 'read',
    component: 'cli',
  })
}
