import { coveredBySnapshots } from '../conflict/index.ts'
import { isSnapshot, type LogEvent, snapshotType } from '../event/index.ts'
import { aggregateEvents } from './aggregate-events.ts'
import type { NodeParts } from './node-parts.ts'

/**
 * What a decider is given: one aggregate's events in log order, as the application reads them. Snapshots come first,
 * and what they stand for is left out, whether it has been compacted here or not: a decision must not depend on that.
 */
export async function decidedHistory(
  aggregateId: string,
  { store, meaning }: Pick<NodeParts, 'store' | 'meaning'>,
  signal: AbortSignal | undefined,
): Promise<readonly LogEvent[]> {
  const all = await aggregateEvents(store, aggregateId, signal)
  const covered = coveredBySnapshots(all)
  const counting = all
    .filter(({ id, stub }) => stub === null && !covered.has(id))
    .map((event) => meaning.read(event))
  const others = counting.filter(({ type }) => type !== snapshotType)
  return others.length === counting.length ? counting : [...counting.filter(isSnapshot), ...others]
}
