import type { EventStore } from '../../contracts/index.ts'
import { systemRuntime } from '../../runtime/index.ts'
import type { Position } from '../../version/index.ts'
import type { Stretch } from './listed.ts'

export interface LocalWant {
  readonly aggregateId?: string
  readonly after?: Position
  /** Goes on with what is committed later, by whatever process, until the signal aborts. */
  readonly follows: boolean
}

/** The events of a log on this machine, in its order. */
export async function* localEvents(
  store: EventStore,
  { follows, ...wanted }: LocalWant,
  signal: AbortSignal,
): AsyncGenerator<Stretch, void> {
  const over = new AbortController()
  const ends = AbortSignal.any([signal, over.signal])
  try {
    // Before anything is read: what is committed after that is heard of.
    const commits = follows ? store.watch(ends)[Symbol.asyncIterator]() : undefined
    let commit = commits?.next()
    // Watching alone does not keep a process going.
    if (follows) systemRuntime.sleep(longest, ends).catch(() => {})
    for (let range = { ...wanted, count: pageSize }; ; ) {
      const { entries, next, more } = await store.entries(range, signal)
      if (entries.length > 0 || !more) yield { events: entries, isEnd: !more }
      range = { ...range, after: next }
      if (more) continue
      if (commits === undefined || (await commit)?.done) return
      commit = commits.next()
    }
  } finally {
    over.abort()
  }
}

const pageSize = 500
/** Milliseconds; some decades. */
const longest = 2 ** 40
