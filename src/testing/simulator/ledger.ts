import { type EventId, encodeFrame, type LogEvent } from '../../event/index.ts'
import { headerOf, placeOf } from './shown.ts'

export type Report = (invariant: string, message: string) => void

/**
 * What the nodes have promised, written down outside of them.
 *
 * - *Owed*: acknowledged by an append. It must be everywhere at the end, unless the only disks that held
 *   it durably were wiped, overwritten or set back before any other disk held it durably.
 * - *Promised by a node*: acknowledged by it, or taken from a peer. It must be there after each restart
 *   on the same disk.
 * - *Erased*: acknowledged by an erasure. At the end its content must be nowhere, unless the only disks that
 *   knew of the erasure durably were wiped, overwritten or set back before any other disk did.
 */
export class Ledger {
  readonly #report: Report
  readonly #frames = new Map<EventId, string>()
  /** Of the same events, as stubs. */
  readonly #headers = new Map<EventId, string>()
  readonly #places = new Map<EventId, string>()
  readonly #erased = new Set<EventId>()
  readonly #owed = new Set<EventId>()
  readonly #promised = new Map<string, Set<EventId>>()

  constructor(report: Report) {
    this.#report = report
  }

  get owed(): ReadonlySet<EventId> {
    return this.#owed
  }

  get erased(): ReadonlySet<EventId> {
    return this.#erased
  }

  erase(ids: readonly EventId[]): void {
    for (const id of ids) this.#erased.add(id)
  }

  promisedBy(node: string): ReadonlySet<EventId> {
    return this.#promised.get(node) ?? none
  }

  acknowledge(node: string, events: readonly LogEvent[]): void {
    for (const event of events) {
      this.#owed.add(event.id)
      this.meet(event, node)
    }
    this.promise(
      node,
      events.map((event) => event.id),
    )
  }

  promise(node: string, ids: readonly EventId[]): void {
    const promised = this.#promised.get(node) ?? new Set()
    for (const id of ids) promised.add(id)
    this.#promised.set(node, promised)
  }

  /** L2: wherever an id is met, it names the same bytes. */
  meet(event: LogEvent, where: string): void {
    this.#compare(this.#places, placeOf(event), where)
    const hasHeader = event.stub !== 'erased' && event.stub !== 'compacted'
    if (hasHeader) this.#compare(this.#headers, headerOf(event), where)
    if (event.stub === null) this.#compare(this.#frames, event, where)
  }

  #compare(frames: Map<EventId, string>, event: LogEvent, where: string): void {
    const frame = encodeFrame(event)
    const known = frames.get(event.id)
    if (known === undefined) frames.set(event.id, frame)
    else if (known !== frame)
      this.#report('L2', `${event.id} at ${where} is\n${frame}and elsewhere\n${known}`)
  }

  /** The same for what the disks knew to be erased: gives the erasures that nobody knows of any more. */
  erasuresReplaced(before: Held, now: readonly Held[]): readonly EventId[] {
    const gone = [...this.#erased].filter(isGone(before, now))
    for (const id of gone) this.#erased.delete(id)
    return gone
  }

  /**
   * A disk that held `before` holds `now` instead. Gives the events that nobody owes any more: those that
   * no disk holds durably.
   */
  diskReplaced(
    node: string,
    before: Held,
    now: ReadonlyMap<EventId, unknown>,
    elsewhere: readonly Held[],
  ): readonly EventId[] {
    this.#promised.set(node, new Set(now.keys()))
    const gone = [...this.#owed].filter(isGone(before, [now, ...elsewhere]))
    for (const id of gone) this.#owed.delete(id)
    return gone
  }
}

/** Held before, and by nobody now. */
function isGone(before: Held, now: readonly Held[]): (id: EventId) => boolean {
  return (id) => before.has(id) && !now.some((held) => held.has(id))
}

interface Held {
  has(id: EventId): boolean
}

const none: ReadonlySet<EventId> = new Set()
