import { createHash } from 'node:crypto'
import type { Programs } from './programs.ts'

/** What a log holds, without what is its own: the positions and the order it took the events in. */
export interface LogContent {
  readonly events: number
  readonly ids: ReadonlySet<string>
  /** Of every header and payload, byte for byte, sorted by id. */
  readonly digest: string
}

export async function contentOf(store: string, programs: Programs): Promise<LogContent> {
  const lines = new Map<string, string>()
  for await (const line of programs.lines(['log', '--store', store, '--json'])) {
    const { id } = JSON.parse(line) as { id: string }
    lines.set(id, line.replace(/^\{"position":"\d+",/, '{'))
  }
  const digest = createHash('sha256')
  for (const id of [...lines.keys()].sort()) digest.update(`${lines.get(id)}\n`)
  return { events: lines.size, ids: new Set(lines.keys()), digest: digest.digest('hex') }
}
