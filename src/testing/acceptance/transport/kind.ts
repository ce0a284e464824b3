import type { Replica } from '../../../contracts/index.ts'
import type { EventId, Filter, Origin } from '../../../event/index.ts'
import type { Runtime } from '../../../runtime/index.ts'

/** A change, whatever it is of. */
export interface Moving {
  readonly id: EventId
  readonly parents: readonly EventId[]
  readonly size: number
  readonly dataText: string | null
}

/** What stands at the other end, whatever it holds. */
export type Log = Replica<Moving>

/** The least that is known of it. */
export type Closing = Pick<Log, 'close'>

/**
 * What the suite runs with: events in a log, or state in a storage. A group is what a filter decides on: an aggregate,
 * or a list of objects.
 */
export interface Kind<Store extends Closing = Log, C = Moving> {
  open(runtime: Runtime): Promise<Store>
  /** Writes these at the other end, in one commit; gives them as a link moves them. */
  append(log: Store, ...drafts: readonly Draft[]): Promise<readonly C[]>
  /** Somewhere else: its changes as they arrive over a link. */
  writer(name?: string): Writer<C>
  /** Equal in every byte, in this order. */
  same(found: readonly C[], expected: readonly C[]): void
  /** Everything that a refused call must leave as it is. */
  snapshotOf(log: Store): Promise<object>
  /** Of one group only. */
  filterFor(group: string): Filter<C>
}

/** What is to be written. */
export interface Draft {
  /** Default `a`. */
  readonly group?: string
  readonly dataText?: string
}

export interface Writer<C> {
  readonly origin: Origin
  write(draft?: Draft): C
}

/** A new change that says nothing in particular. */
export function note(group = 'a', data: unknown = {}): Draft {
  return { group, dataText: JSON.stringify(data) }
}

export function notes(count: number, group = 'a'): Draft[] {
  return Array.from({ length: count }, (_, n) => note(group, { n }))
}
