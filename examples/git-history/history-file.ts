import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { changesOf } from './changes.ts'
import { eventOf } from './events.ts'
import { generateRepository } from './generated-repository.ts'

export interface History {
  /** The events, one a line. */
  readonly file: string
  readonly events: number
  /** Some of the files that changed. */
  readonly paths: readonly string[]
  readonly source: string
}

/** The events of the given repository, or of a generated one where that has fewer than are wanted. */
export async function writeHistory(options: {
  readonly folder: string
  readonly repository?: string | undefined
  readonly events: number
}): Promise<History> {
  const { folder, repository, events } = options
  const file = join(folder, 'history.ndjson')
  let small = ''
  if (repository !== undefined) {
    const name = basename(resolve(repository))
    const history = await write(repository, file)
    if (history.events >= events) return { ...history, file, source: name }
    small = `, because ${name} has only ${history.events}`
  }
  const generated = join(folder, 'generated.git')
  await generateRepository(generated, events)
  return { ...(await write(generated, file)), file, source: `generated${small}` }
}

async function write(repository: string, file: string) {
  const output = createWriteStream(file)
  const paths: string[] = []
  let events = 0
  for await (const change of changesOf(repository)) {
    events++
    if (paths.length < 100) paths.push(change.path)
    if (!output.write(`${JSON.stringify(eventOf(change))}\n`)) await once(output, 'drain')
  }
  output.end()
  await once(output, 'close')
  return { events, paths }
}
