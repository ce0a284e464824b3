import type { EventId } from '../event/index.ts'

/** What a link has to know of a change to move it. */
export interface Change {
  readonly id: EventId
  /** Must be known to whoever takes this change. */
  readonly parents: readonly EventId[]
  /** Bytes on the way, about. */
  readonly size: number
  /** Why its content is not here; absent or `null` when it is. Only content counts as moved. */
  readonly stub?: string | null
}
