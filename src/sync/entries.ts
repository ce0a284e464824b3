import type { Entry, ReadRange } from '../contracts/index.ts'
import type { Position } from '../version/index.ts'
import { mostEntries } from './check-node.ts'
import type { NodeParts } from './node-parts.ts'

/** The log's entries with content, page by page, as the application reads them. See `SyncNode.read`. */
export async function* entriesOf(
  { store, meaning }: Pick<NodeParts, 'store' | 'meaning'>,
  range: ReadRange,
  signal: AbortSignal | undefined,
): AsyncGenerator<Entry, void> {
  let after = range.after ?? (0n as Position)
  let left = mostEntries(range.count)
  while (left > 0) {
    const count = Math.min(left, pageSize)
    const page = await store.entries({ ...range, after, count }, signal)
    for (const entry of page.entries) {
      if (entry.event.stub !== null) continue
      const event = meaning.read(entry.event)
      yield event === entry.event ? entry : { ...entry, event }
      left--
    }
    if (!page.more) return
    after = page.next
  }
}

const pageSize = 1_000
