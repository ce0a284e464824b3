import { Activity } from './activity.ts'
import { type PivotKey, PivotKeys } from './pivot-keys.ts'

/** What is shared at one time, and how far it has come. */
export interface Shared {
  readonly keys: PivotKeys
  activity(key: PivotKey, signal: AbortSignal): Promise<bigint>
}

/** By storage, so that each feed is read once for all of its keys. */
export function sharedBy(keys: () => readonly PivotKey[]): () => Shared {
  let given: readonly PivotKey[] | undefined
  let shared: Shared
  return () => {
    const now = keys()
    if (now === given) return shared
    given = now
    const paths = Map.groupBy(now, ({ storage }) => storage)
    const activities = new Map(
      [...paths].map(([storage, all]) => [
        storage,
        new Activity(
          storage,
          all.map(({ path }) => path),
        ),
      ]),
    )
    shared = {
      keys: new PivotKeys(now),
      activity: async ({ path, storage }, signal) =>
        (await activities.get(storage)?.of(path, signal)) ?? 0n,
    }
    return shared
  }
}
