import { type EventId, encodeFrame, type LogEvent } from '../../event/index.ts'
import { headerOf } from './shown.ts'

export type Report = (invariant: string, message: string) => void

/**
 * What the nodes have promised, written down outside of them.
 *
 * - *Owed*: acknowledged by an append. It must be everywhere at the end, unless the only disks that held
 *   it durably were wiped, overwritten or set back before any other disk held it durably.
 * - *Promised by a node*: acknowledged by it, or taken from a peer. It must be there after each restart
 *   on the same disk.
 */
export class Ledger {
  readonly #report: Report
  readonly #frames = new Map<EventId, string>()
  /** Of the same events, as stubs. */
  readonly #headers = new Map<EventId, string>()
  readonly #owed = new Set<EventId>()
  readonly #promised = new Map<string, Set<EventId>>()

  constructor(report: Report) {
    this.#report = report
  }

  get owed(): ReadonlySet<EventId> {
    return this.#owed
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
    this.#compare(this.#headers, headerOf(event), where)
    if (event.stub === null) this.#compare(this.#frames, event, where)
  }

  #compare(frames: Map<EventId, string>, event: LogEvent, where: string): void {
    const frame = encodeFrame(event)
    const known = frames.get(event.id)
    if (known === undefined) frames.set(event.id, frame)
    else if (known !== frame)
      this.#report('L2', `${event.id} at ${where} is\n${frame}and elsewhere\n${known}`)
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
    const isGone = (id: EventId) =>
      before.has(id) && ![now, ...elsewhere].some((held) => held.has(id))
    const gone = [...this.#owed].filter(isGone)
    for (const id of gone) this.#owed.delete(id)
    return gone
  }
}

interface Held {
  has(id: EventId): boolean
}

const none: ReadonlySet<EventId> = new Set()
