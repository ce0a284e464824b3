import type { ConflictRecord } from '../../conflict/index.ts'
import { silentLogger } from '../../ports/index.ts'
import { memorySink } from '../../projection/memory-sink.ts'
import { systemRuntime } from '../../runtime/index.ts'
import { ConflictJournal } from '../../sync/conflict-journal.ts'
import { evolutionOf } from '../../sync/evolution.ts'
import { Meaning } from '../../sync/meaning.ts'
import { command } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { openToRead } from '../files/open-store.ts'
import { journalText } from '../listing/journal-text.ts'
import { resolversOption, rulesGiven } from '../modules/rules-code.ts'
import { moment } from '../options/event-readers.ts'
import { flag, optional, required, type Values } from '../options/option.ts'
import { text } from '../options/readers.ts'

const options = {
  store: required('FILE', 'the log', text),
  rules: optional('FILE', 'the rules, as YAML or JSON; without it, everything counts', text),
  resolvers: resolversOption,
  aggregate: optional('ID', 'only the conflicts of this aggregate', text),
  type: optional('TYPE', 'only those with an event of this type', text),
  since: optional(
    'TIME',
    'only those since then, such as 2026-03-01 or 2026-03-01T17:05:00Z',
    moment,
  ),
  open: flag('only those that nobody has written on top of yet'),
  json: flag('one JSON object a line, with every field'),
}

export const conflicts = command({
  name: 'conflicts',
  about: `Lists the conflicts of a log, earliest first: when, the aggregate, what was decided by which rule, and
who wrote which events on which branch. Give the rules that the application has, and its own resolvers and
conditions as a module. Changes nothing. "rejoin restore --event" brings back an event that lost.`,
  options,
  examples: [
    'rejoin conflicts --store notes.db --rules rules.yaml --open',
    'rejoin conflicts --store notes.db --rules rules.yaml --resolvers ./resolvers.ts',
    'rejoin conflicts --store notes.db --since 2026-03-01 --json | jq .superseded',
  ],
  run,
})

async function run(values: Values<typeof options>, io: CommandIo): Promise<number> {
  const { aggregate, type, since, open, json, resolvers } = values
  const { signal } = io
  const rules = await rulesGiven(values.rules, resolvers, signal)
  await using store = await openToRead(values.store, io)
  const journal = new ConflictJournal({
    store,
    meaning: new Meaning({ rules, upcasters: undefined, evolution: evolutionOf(undefined) }),
    runtime: systemRuntime,
    logger: silentLogger,
    // The one in the file is the application's: it has the rules that hold.
    sink: memorySink(),
  })
  const range = {
    ...(aggregate !== undefined && { aggregateId: aggregate }),
    ...(type !== undefined && { type }),
    ...(since !== undefined && { after: since - 1 }),
    ...(open && { open }),
  }
  const show = (record: ConflictRecord) =>
    json ? `${JSON.stringify(record)}\n` : journalText(record, io.out.style)
  let found = 0
  try {
    for await (const record of journal.list(range, signal)) {
      found++
      await io.out.write(show(record))
      // Whoever read us has enough (`| head`).
      if (io.out.gone) return 0
    }
  } finally {
    await journal.close()
  }
  if (json) return 0
  if (found === 0) await io.out.line('no conflicts')
  else if (rules !== undefined) await io.out.line(io.out.style.dim(`rules ${rules.hash}`))
  return 0
}
