import type { Compacted, CompactionReader, CompactOptions } from '../contracts/index.ts'
import { RejoinError } from '../errors/index.ts'
import type { Position } from '../version/index.ts'
import { start } from '../version/index.ts'
import type { NodeParts } from './node-parts.ts'
import { at } from './where.ts'

/** See `EventStore.compact`; who reads the log beside its links, the node knows. */
export type NodeCompactOptions = Omit<CompactOptions, 'readers'>

/** See `SyncNode.compact`. */
export async function compactNode(
  options: NodeCompactOptions,
  { store, projections, transports }: Pick<NodeParts, 'store' | 'projections' | 'transports'>,
): Promise<Compacted> {
  const { signal } = options
  if (store.compact === undefined)
    throw new RejoinError(
      'invalid_argument',
      'the store of this node has no compact',
      at('compact'),
    )
  const { links } = await store.status(signal)
  const met = links.filter(({ pulled, pushed }) => pulled !== start || pushed !== start).length
  const readers = [...(await projections.readers(signal))]
  // Nothing can have been sent to a remote that this store has never synced with.
  if (met < [...transports].length) readers.push(unmet)
  return store.compact({ ...options, readers })
}

const unmet: CompactionReader = { name: 'a remote never synced with', upTo: 0n as Position }
