import { command } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { mustExist } from '../files/open-store.ts'
import { required, type Values } from '../options/option.ts'
import { text } from '../options/readers.ts'
import { counted, grouped } from '../terminal/figures.ts'
import { Progress } from '../terminal/progress.ts'
import { visible } from '../terminal/text-width.ts'

const options = { store: required('FILE', 'the log', text) }

export const verify = command({
  name: 'verify',
  about: `Checks the file, every content hash, that each event's parents are there, heads, counters and the
cursors of all links. Changes nothing; others may use the log meanwhile. Exits 1 when something is wrong.`,
  options,
  examples: ['rejoin verify --store notes.db'],
  run,
})

async function run({ store }: Values<typeof options>, io: CommandIo): Promise<number> {
  await mustExist(store)
  const { events, problems } = await checked(store, io)
  if (problems.length === 0) {
    await io.out.line(`${io.out.style.green('ok')}: ${counted(events, 'event')} checked`)
    return 0
  }
  for (const { where, what } of problems)
    await io.err.line(`${io.err.style.red('problem:')} ${visible(`${where}: ${what}`)}`)
  const found = counted(problems.length, 'problem')
  await io.err.line(
    `${found} in ${counted(events, 'event')}; restore a backup, or sync into a new store`,
  )
  return 1
}

async function checked(store: string, { err, signal }: CommandIo) {
  const { verifyStore } = await import('../../store/sqlite/verify.ts')
  using progress = new Progress(err)
  return await verifyStore(store, {
    signal,
    onProgress: (done, total) =>
      progress.show({ label: 'checking', done, total, note: `${grouped(done)} events` }),
  })
}
