import type { Parked } from '../../contracts/index.ts'
import { beginAnew, type KeptLetters, keptLetters } from '../../projection/kept-letters.ts'
import type { SqliteStore } from '../../store/sqlite/index.ts'
import { command } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { mustExist, openToRead, openToWrite } from '../files/open-store.ts'
import { flag, required, type Values } from '../options/option.ts'
import { text } from '../options/readers.ts'
import { visible } from '../terminal/text-width.ts'

const options = {
  store: required('FILE', 'the log', text),
  retry: flag('have the read models that set something aside folded anew by their application'),
  json: flag('one JSON object a line'),
}

export const deadLetters = command({
  name: 'dead-letters',
  about: `Lists the events that read models and subscriptions have set aside, with what their code said, and those
that a server refused (parked). With --retry, each such read model is folded anew when its application runs
next, and is read as it is until then. A subscription's handler is in its application, which retries with
retryDeadLetters(); parked events are offered again at each sync.`,
  options,
  examples: [
    'rejoin dead-letters --store notes.db',
    'rejoin dead-letters --store notes.db --retry',
    'rejoin dead-letters --store notes.db --json | jq .message',
  ],
  run,
})

async function run(values: Values<typeof options>, io: CommandIo): Promise<number> {
  const { retry } = values
  if (retry) await mustExist(values.store)
  await using store = await (retry ? openToWrite : openToRead)(values.store, io)
  let found = 0
  const show = values.json ? jsonOf : textOf
  const tell = async (letter: Shown) => {
    found++
    await io.out.line(show(letter))
  }
  for (const id of await store.projections.names(io.signal)) {
    const kept = keptLetters(store.projections, id, io.signal)
    if (kept === undefined) continue
    const before = found
    for await (const { id: event, type, aggregateId, key, message } of kept.letters)
      await tell({ of: kept.kind, name: kept.name, event, type, aggregateId, key, message })
    if (retry && found > before) await io.err.line(await retried(store, kept, io.signal))
  }
  for (const { link } of (await store.status(io.signal)).links)
    for (const { id: event, reason, message } of (await store.link(link as never, io.signal))
      .parked)
      await tell({ of: 'link', name: link, event, reason, message })
  if (found === 0 && !values.json) await io.out.line('no dead letters')
  return 0
}

interface Shown {
  readonly of: KeptLetters['kind'] | 'link'
  /** Of the read model or subscription; the origin at the other end of the link. */
  readonly name: string
  readonly event: string
  readonly type?: string
  readonly aggregateId?: string
  readonly key?: string
  readonly reason?: Parked['reason']
  readonly message: string
}

async function retried(
  { projections }: SqliteStore,
  { kind, name }: KeptLetters,
  signal: AbortSignal,
): Promise<string> {
  if (kind === 'subscription')
    return `${name} is a subscription: its application retries, with retryDeadLetters()`
  await beginAnew(projections, name, signal)
  return `${name} will be folded anew when its application runs next`
}

function jsonOf(letter: Shown): string {
  return JSON.stringify(letter)
}

function textOf({ of, name, event, type, aggregateId, reason, message }: Shown): string {
  const what = type === undefined ? [reason] : [type, aggregateId]
  return visible([`${of} ${name}`, event, ...what, message].join('  '))
}
