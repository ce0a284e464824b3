import type { EventId } from '../event/index.ts'
import type { Change } from './change.ts'
import type { BatchSize } from './pace.ts'
import type { Session } from './session.ts'

/** From `from` on, as many changes as one request takes, and at least one. */
export function firstBatch<C extends Change>(
  changes: readonly C[],
  from: number,
  { count, bytes }: BatchSize,
): readonly C[] {
  let size = 0
  let to = from
  while (to < changes.length && to - from < count && size < bytes) {
    size += (changes[to] as C).size
    to++
  }
  return changes.slice(from, to)
}

/** The changes with these ids that are here and may be sent, in the order of the ids, a request's worth at a time. */
export async function* fetchInBatches<C extends Change>(
  { replica, batch, signal, filter }: Session<C>,
  ids: readonly EventId[],
): AsyncGenerator<readonly C[], void> {
  let gathered: C[] = []
  let size = 0
  for (let at = 0; at < ids.length; at += slice) {
    const asked = ids.slice(at, at + slice)
    const found = new Map((await replica.fetch(asked, signal, filter)).map((one) => [one.id, one]))
    for (const id of asked) {
      const change = found.get(id)
      if (change === undefined) continue
      gathered.push(change)
      size += change.size
      if (gathered.length < batch.count && size < batch.bytes) continue
      yield gathered
      gathered = []
      size = 0
    }
  }
  if (gathered.length > 0) yield gathered
}

/** Few enough that large ones don't fill the memory. */
const slice = 16
