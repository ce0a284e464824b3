import type { NewEvent } from '../src/event/index.ts'
import { SqliteStore } from '../src/store/sqlite/sqlite-store.ts'
import { inBatches } from './workload.ts'

/** A store of ours that holds these events, made as fast as it goes. */
export async function filledStore(path: string, events: readonly NewEvent[]): Promise<SqliteStore> {
  // Appended at `normal`, because nobody waits for a flush here; what is measured opens it anew.
  {
    await using store = await SqliteStore.open({ path, durability: 'normal' })
    for (const batch of inBatches(events, 1_000)) await store.append(batch)
  }
  return SqliteStore.open({ path })
}

/** A round that lost something has measured nothing. */
export async function holds(store: SqliteStore, events: number): Promise<void> {
  const status = await store.status()
  if (status.events !== BigInt(events))
    throw new Error(`${status.events} events were stored instead of ${events}`)
}
