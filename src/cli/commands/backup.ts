import { stat } from 'node:fs/promises'
import { command } from '../command.ts'
import type { CommandIo } from '../command-io.ts'
import { mustHaveFolder, openToRead } from '../files/open-store.ts'
import { required, type Values } from '../options/option.ts'
import { text } from '../options/readers.ts'
import { bytesText, counted } from '../terminal/figures.ts'
import { Progress } from '../terminal/progress.ts'

const options = {
  store: required('FILE', 'the log', text),
  to: required('FILE', 'the copy; must not exist yet', text),
}

export const backup = command({
  name: 'backup',
  about: `Copies the log as of one moment; others go on reading and writing meanwhile. The copy appears
complete or not at all. Copy a log with this, not with cp: the newest events may stand beside the file.`,
  options,
  examples: ['rejoin backup --store notes.db --to notes-monday.db'],
  run,
})

async function run(values: Values<typeof options>, io: CommandIo): Promise<number> {
  await mustHaveFolder(values.to)
  await using store = await openToRead(values.store, io)
  const { events } = await store.status(io.signal)
  {
    using progress = new Progress(io.err)
    await store.backup(values.to, {
      signal: io.signal,
      onProgress: ({ writtenBytes: done, totalBytes: total }) =>
        progress.show({ label: 'copying', done, total, note: bytesText(done) }),
    })
  }
  const { size } = await stat(values.to)
  await io.out.line(`backed up ${counted(events, 'event')} to ${values.to} (${bytesText(size)})`)
  return 0
}
