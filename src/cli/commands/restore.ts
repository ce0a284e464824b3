import { defaultRules } from '../../conflict/index.ts'
import { RejoinError } from '../../errors/index.ts'
import { restoreStore, SqliteStore } from '../../store/sqlite/index.ts'
import { SyncNode } from '../../sync/index.ts'
import { command } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { mustExist, mustHaveFolder, openToWrite } from '../files/open-store.ts'
import { failure, misuse } from '../misuse.ts'
import { resolversOption, rulesGiven } from '../modules/rules-code.ts'
import { optional, type Values } from '../options/option.ts'
import { text } from '../options/readers.ts'
import { counted } from '../terminal/figures.ts'
import { visible } from '../terminal/text-width.ts'

const options = {
  from: optional('FILE', 'the backup', text),
  to: optional('FILE', 'the log to make; must not exist yet', text),
  store: optional('FILE', 'the log in which an event is to be brought back', text),
  event: optional('ID', 'an event that lost a conflict', text),
  rules: optional('FILE', 'with --event: the rules by which it lost, as YAML or JSON', text),
  resolvers: resolversOption,
}

export const restore = command({
  name: 'restore',
  usage: ['--from FILE --to FILE', '--store FILE --event ID [--rules FILE [--resolvers MODULE]]'],
  about: `With --from and --to: copies a backup into place after checking that it is one; never overwrites. At
its next sync the restored log notices that it is an older backup, gets back what it had sent since, and goes
on under a new origin: nobody's events are lost or mixed up.

With --store and --event: appends what the event says once more, on top of everything. "rejoin conflicts"
shows which events lost; give it and this command the rules that the application has. Safe to repeat.`,
  options,
  examples: [
    'rejoin restore --from notes-monday.db --to notes.db',
    'rejoin restore --store notes.db --rules rules.yaml --event 019503c4-7d2b-7c4e-9a54-0c4b8f6f2d11',
  ],
  run,
})

function run(values: Values<typeof options>, io: CommandIo): Promise<number> {
  const { from, to, store, event, rules, resolvers } = values
  if ([store, event, rules, resolvers].every((one) => one === undefined))
    return restoreBackup(given('from FILE', from), given('to FILE', to), io)
  for (const [name, value] of Object.entries({ from, to }))
    if (value !== undefined) throw misuse(`--${name} does not go with --store and --event`)
  const lost = given('event ID', event)
  return restoreLost(given('store FILE', store), lost, { rules, resolvers }, io)
}

function given(name: string, value: string | undefined): string {
  if (value === undefined) throw misuse(`--${name} is missing`)
  return value
}

async function restoreBackup(from: string, to: string, io: CommandIo): Promise<number> {
  await mustExist(from)
  await mustHaveFolder(to)
  await restoreStore(from, to)
  const { events, node } = await statusOf(to)
  await io.out.line(`restored ${counted(events, 'event')} of node ${node} to ${to}`)
  await io.out.line(
    'At its next sync this log will notice that it is an older backup, get back what it had sent since,',
  )
  await io.out.line(
    'and go on under a new origin. Move the damaged log away: the two must not both go on.',
  )
  return 0
}

async function restoreLost(
  path: string,
  event: string,
  by: Pick<Values<typeof options>, 'rules' | 'resolvers'>,
  io: CommandIo,
): Promise<number> {
  const { signal } = io
  const rules = (await rulesGiven(by.rules, by.resolvers, signal)) ?? defaultRules
  await mustExist(path)
  await using node = new SyncNode({ store: await openToWrite(path, io), rules })
  const { id, aggregateId } = await node.restore(event, { signal }).catch((error: unknown) => {
    throw by.rules === undefined && isRefusal(error) ? hinted(error) : error
  })
  await io.out.line(visible(`${event} of ${aggregateId} counts again, as ${id}`))
  return 0
}

function isRefusal(error: unknown): error is RejoinError {
  return error instanceof RejoinError && error.message.includes('counts as it is')
}

function hinted(error: RejoinError): RejoinError {
  const hint = 'without --rules everything counts: give the rules that the application has'
  return failure(error.code, `${error.message}; ${hint}`, error)
}

async function statusOf(path: string) {
  await using store = await SqliteStore.open({ path, readonly: true })
  return await store.status()
}
