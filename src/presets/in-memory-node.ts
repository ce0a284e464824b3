import { MemoryStore, type MemoryStoreOptions } from '../store/memory/index.ts'
import { type AnyEvents, type EventMap, SyncNode, type SyncNodeOptions } from '../sync/index.ts'
import { nullTransport } from '../transport/null/index.ts'

/** The options of a node and of its store in memory. */
export type InMemoryNodeOptions<Events extends EventMap = AnyEvents> = Omit<
  SyncNodeOptions<Events>,
  'store'
> &
  MemoryStoreOptions

/**
 * A node whose log is in memory, and gone with the process unless it has a journal. Without a transport its
 * syncs succeed and move nothing, as with `nullTransport()`. For tests, demos and first steps.
 */
export async function inMemoryNode<Events extends EventMap = AnyEvents>(
  options: InMemoryNodeOptions<Events> = {},
): Promise<SyncNode<Events>> {
  const store = await MemoryStore.open(options)
  try {
    return new SyncNode<Events>({ transport: nullTransport(), ...options, store })
  } catch (error) {
    await store.close()
    throw error
  }
}
