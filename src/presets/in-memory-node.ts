import {
  MemoryStore,
  type MemoryStoreOptions,
  memoryStoreOptionNames,
} from '../store/memory/memory-store.ts'
import { type AnyEvents, type EventMap, SyncNode, type SyncNodeOptions } from '../sync/index.ts'
import { nullTransport } from '../transport/null/index.ts'
import { partsOf } from './parts-of.ts'

/** The options of a node and of its store in memory. */
export type InMemoryNodeOptions<Events extends EventMap = AnyEvents> = NodeOptions<Events> &
  MemoryStoreOptions

type NodeOptions<Events extends EventMap> = Omit<SyncNodeOptions<Events>, 'store'>

/**
 * A node whose log is in memory, and gone with the process unless it has a journal. Without a transport its
 * syncs succeed and move nothing, as with `nullTransport()`. For tests, demos and first steps.
 */
export async function inMemoryNode<Events extends EventMap = AnyEvents>(
  options: InMemoryNodeOptions<Events> = {},
): Promise<SyncNode<Events>> {
  const { own, node } = partsOf<MemoryStoreOptions, NodeOptions<Events>>(
    options,
    memoryStoreOptionNames,
    ['logger', 'runtime'],
  )
  const store = await MemoryStore.open(own)
  try {
    return new SyncNode<Events>({ transport: nullTransport(), ...node, store })
  } catch (error) {
    await store.close()
    throw error
  }
}
