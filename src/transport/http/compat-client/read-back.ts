import { type EventId, type LogEvent, sameContent } from '../../../event/index.ts'
import type { GoServer } from './go-server.ts'

/** What a Go server has under an id that was pushed. */
export interface Finding {
  readonly kind: 'same' | 'other'
  readonly version: bigint
}

/** Looks for pushed events in a Go server's log; the only way to learn what became of them. */
export class ReadBack {
  readonly #server: GoServer
  /** Up to which version an event is known not to be there. */
  readonly #searched = new Map<EventId, bigint>()

  constructor(server: GoServer) {
    this.#server = server
  }

  /**
   * Takes out of `wanted` what stands after one version and up to another; the log's end without it. Looks
   * at a bounded number of pages, and goes on from there the next time. Resolves to how far it has come.
   */
  async find(
    wanted: Map<EventId, LogEvent>,
    range: { readonly after: bigint; readonly until?: bigint },
    found: Map<EventId, Finding>,
    signal: AbortSignal | undefined,
  ): Promise<bigint> {
    const { until } = range
    let { after } = range
    for (let pages = 0; wanted.size > 0 && pages < mostPages; pages++) {
      if (until !== undefined && after >= until) break
      const entries = await this.#server.entriesAfter(after, pageSize, 'push', signal)
      for (const { id, event, position } of entries) {
        const pushed = wanted.get(id as EventId)
        if (pushed === undefined) continue
        wanted.delete(pushed.id)
        this.#searched.delete(pushed.id)
        const isSame = event !== undefined && sameContent(pushed, event)
        found.set(pushed.id, { kind: isSame ? 'same' : 'other', version: position ?? 0n })
      }
      const last = entries.findLast((one) => one.position !== undefined)?.position ?? after
      if (last <= after) break
      after = last
    }
    return after
  }

  /** As `find`, from the beginning of the log, or from where the last such search ended. */
  async findEarlier(
    wanted: Map<EventId, LogEvent>,
    until: bigint,
    found: Map<EventId, Finding>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    let after = until
    for (const id of wanted.keys()) {
      const from = this.#searched.get(id) ?? 0n
      if (from < after) after = from
    }
    const end = await this.find(wanted, { after, until }, found, signal)
    if (this.#searched.size > mostRemembered) this.#searched.clear()
    for (const id of wanted.keys()) this.#searched.set(id, end > until ? until : end)
  }

  /** The log is another one. */
  forget(): void {
    this.#searched.clear()
  }
}

const pageSize = 1_000
/** Of one search. */
const mostPages = 100
const mostRemembered = 10_000
