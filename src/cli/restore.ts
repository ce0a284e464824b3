import { restoreStore, SqliteStore } from '../store/sqlite/index.ts'
import { command } from './command.ts'
import type { CommandIo } from './command-io.ts'
import { counted } from './figures.ts'
import { mustExist, mustHaveFolder } from './open-store.ts'
import { required, type Values } from './option.ts'
import { text } from './readers.ts'

const options = {
  from: required('FILE', 'the backup', text),
  to: required('FILE', 'the log to make; must not exist yet', text),
}

export const restore = command({
  name: 'restore',
  summary: 'make a log from a backup',
  about: `Copies a backup into place after checking that it is one; never overwrites. At its next sync the
restored log notices that it is an older backup, gets back what it had sent since, and goes on under a
new origin: nobody's events are lost or mixed up.`,
  options,
  examples: ['rejoin restore --from notes-monday.db --to notes.db'],
  run,
})

async function run(values: Values<typeof options>, io: CommandIo): Promise<number> {
  await mustExist(values.from)
  await mustHaveFolder(values.to)
  await restoreStore(values.from, values.to)
  const { events, node } = await statusOf(values.to)
  await io.out.line(`restored ${counted(events, 'event')} of node ${node} to ${values.to}`)
  await io.out.line(
    'At its next sync this log will notice that it is an older backup, get back what it had sent since,',
  )
  await io.out.line(
    'and go on under a new origin. Move the damaged log away: the two must not both go on.',
  )
  return 0
}

async function statusOf(path: string) {
  await using store = await SqliteStore.open({ path, readonly: true })
  return await store.status()
}
