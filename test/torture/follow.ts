import type { EventStore } from '../../src/contracts/index.ts'
import { type Cursor, type Position, start } from '../../src/version/index.ts'

export interface Following {
  readonly by: 'cursor' | 'position'
  /** Most events in one page. */
  readonly count: number
  readonly onPage: (ids: readonly string[]) => void
  /** At the end of the log: waits until it may have grown. */
  readonly wait: () => Promise<unknown>
}

/** Reads a log from its beginning as it grows; after `stop` to the end of what is there, and no further. */
export async function follow(
  store: EventStore,
  stop: AbortSignal,
  { by, count, onPage, wait }: Following,
): Promise<void> {
  const read = by === 'cursor' ? byCursor(store, count) : byPosition(store, count)
  for (;;) {
    const isLast = stop.aborted
    const { ids, more } = await read()
    onPage(ids)
    if (more) continue
    if (isLast) return
    await wait()
  }
}

type Read = () => Promise<{ readonly ids: readonly string[]; readonly more: boolean }>

function byCursor(store: EventStore, count: number): Read {
  let cursor: Cursor = start
  return async () => {
    const page = await store.changes(cursor, { count, bytes: 1024 * 1024 })
    if (page.kind === 'reset') throw new Error(`the log does not know its own cursor ${cursor}`)
    cursor = page.cursor
    return { ids: page.changes.map((event) => event.id), more: page.more }
  }
}

function byPosition(store: EventStore, count: number): Read {
  let after = 0n as Position
  return async () => {
    const page = await store.entries({ after, count })
    after = page.next
    return { ids: page.entries.map(({ event }) => event.id), more: page.more }
  }
}
