import type { RejoinError } from '../../errors/index.ts'
import type { PatchForm } from '../../json/patch/patched.ts'

/** Makes a client keep its writes until the server has taken them. */
export interface OfflineOptions {
  /**
   * Called with a write that was answered `queued` before, and that the server now refuses, or finds nothing to
   * patch for, or leaves aside by the path's policy: it is out of the queue, and nobody else hears of it.
   */
  readonly onRefused: (write: QueuedWrite, error: RejoinError) => void
  /** Where they are kept; default `memoryQueue()`, which goes with the process. One client to a storage. */
  readonly storage?: QueueStorage
  /** Most writes that may wait; a further one rejects with `unavailable`. Default 1,000. */
  readonly most?: number
}

/** A write that waits. Plain JSON. */
export interface QueuedWrite {
  /** Rises with each write. */
  readonly id: string
  readonly kind: 'set' | 'patch' | 'delete'
  readonly path: string
  /** What is sent, as JSON text. */
  readonly body?: string
  readonly form?: PatchForm
}

/** Where queued writes are kept: `memoryQueue`, in browsers `indexedDbQueue`, or what you make. */
export interface QueueStorage {
  /** All of them, in the order of their ids. Asked once, at the start. */
  all(): Promise<readonly QueuedWrite[]>
  /** Resolves when it is as durable as it shall be. */
  add(write: QueuedWrite): Promise<void>
  /** One that is not there is no error. */
  remove(id: string): Promise<void>
}

/** Writes in memory. */
export function memoryQueue(): QueueStorage {
  const writes = new Map<string, QueuedWrite>()
  return {
    all: async () => [...writes.values()],
    async add(write) {
      writes.set(write.id, write)
    },
    async remove(id) {
      writes.delete(id)
    },
  }
}
