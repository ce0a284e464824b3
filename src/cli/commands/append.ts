import type { EventStore } from '../../contracts/index.ts'
import { describeFailure } from '../../sqlite/failure.ts'
import { command } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { mustExist, mustHaveFolder, openToWrite } from '../files/open-store.ts'
import { failure } from '../misuse.ts'
import { optional, required, type Values } from '../options/option.ts'
import { nodeId, text } from '../options/readers.ts'
import { appendSpool } from '../spool/append-spool.ts'
import { fill } from '../spool/fill.ts'
import {
  isSpoolPath,
  leftSpoolOf,
  leftSpools,
  removeUnsealed,
  spoolPath,
} from '../spool/left-spools.ts'
import { Spool } from '../spool/spool.ts'
import { plural } from '../terminal/figures.ts'
import { Progress } from '../terminal/progress.ts'
import { shellWord } from '../terminal/shell-word.ts'

const options = {
  store: required('FILE', 'the log; made when there is none', text),
  'node-id': optional('ID', 'the name of a new log; default: drawn at random', nodeId),
  resume: optional('SPOOL', 'finish an append that was cut short, instead of reading stdin', text),
}

export const append = command({
  name: 'append',
  about: `Reads lines such as
  {"type":"NoteWritten","aggregateId":"note-1","data":{"text":"hello"}}
Optional: "id" (repeating an append with ids is harmless), "metadata", "schemaVersion". All input is
checked before anything is stored, and may be larger than memory; a bad line is named. An append that was
cut short is finished by running it again with the same input, or with --resume.`,
  options,
  examples: [
    `echo '{"type":"NoteWritten","aggregateId":"note-1","data":{"text":"hello"}}' | rejoin append --store notes.db`,
    'rejoin append --store notes.db < events.ndjson',
  ],
  run,
})

async function run(values: Values<typeof options>, io: CommandIo): Promise<number> {
  await mustHaveFolder(values.store)
  // A store that can't be opened is said before anybody has typed or piped a million lines.
  const exists = await mustExist(values.store).then(
    () => true,
    () => false,
  )
  let store = exists ? await openToWrite(values.store, io, { node: values['node-id'] }) : undefined
  try {
    const input = await spooled(values, io)
    store ??= await openToWrite(values.store, io, { node: values['node-id'] })
    await appended(store, input, values.store, io)
  } finally {
    await store?.close()
  }
  return 0
}

interface Input {
  readonly spool: Spool
  readonly repeated: number
  /** The spool was left by an append that was cut short: some of its events may be stored. */
  readonly isResumed: boolean
}

async function spooled(values: Values<typeof options>, io: CommandIo): Promise<Input> {
  const { store, resume } = values
  if (resume !== undefined) return { spool: await adopted(resume), repeated: 0, isResumed: true }
  await removeUnsealed(store)
  if (io.stdin.isTTY)
    await io.err.line('reading events, one JSON object a line; Ctrl-D ends the input')
  const path = spoolPath(store)
  let spool: Spool | undefined
  try {
    spool = Spool.create(path)
    const { repeated } = await filled(spool, io)
    const left = await leftSpoolOf(store, spool.digest as string)
    if (left === undefined) return { spool, repeated, isResumed: false }
    spool.remove()
    await io.err.line('an append of this very input was cut short; this one finishes it')
    return { spool: left, repeated, isResumed: true }
  } catch (error) {
    spool?.remove()
    // A full disk or a folder closed to us, in better words than SQLite's.
    throw describeFailure(error, path, 'append')
  }
}

async function filled(spool: Spool, { stdin, err, signal }: CommandIo) {
  using progress = new Progress(err)
  return await fill(spool, stdin, {
    signal,
    onProgress: (lines) => progress.show({ label: 'reading', done: lines, note: 'lines checked' }),
  })
}

async function adopted(path: string): Promise<Spool> {
  await mustExist(path)
  const spool = isSpoolPath(path) ? Spool.adopt(path) : 'foreign'
  if (spool instanceof Spool) return spool
  const reasons = {
    busy: 'its append is at work',
    unsealed: 'its append was cut short before anything was stored; run that again',
    foreign: 'it is not the spool of an append',
  }
  throw failure('invalid_event', `can't resume ${path}: ${reasons[spool]}`)
}

async function appended(
  store: EventStore,
  { spool, repeated, isResumed }: Input,
  path: string,
  io: CommandIo,
): Promise<void> {
  const done = await appendSpool(store, spool, { path, isResumed }, io)
  spool.remove()
  const known = done.known + repeated
  const there = known === 0 ? '' : ` (${known} ${known === 1 ? 'was' : 'were'} there already)`
  await io.out.line(`appended ${done.appended} ${plural(done.appended, 'event')}${there}`)
  for (const left of await leftSpools(path))
    await io.err.line(
      `another append was cut short; finish it with: rejoin append --store ${shellWord(path)} --resume ${shellWord(left)}`,
    )
}
