import type { PushAnswer, Receipt } from '../../../contracts/index.ts'
import type { EventId, LogEvent } from '../../../event/index.ts'
import type { Runtime } from '../../../runtime/index.ts'
import type { VersionForm } from '../compat/versions.ts'
import { encodeForGo } from '../compat/write-event.ts'
import { goCursor } from './go-identity.ts'
import type { GoLog } from './go-log.ts'
import { type GoServer, isStatus } from './go-server.ts'
import { type Finding, ReadBack } from './read-back.ts'

export interface GoPushOptions {
  readonly server: GoServer
  readonly log: GoLog
  readonly versions: VersionForm
  /** Bytes of one request before it is compressed. */
  readonly bodyBytes: number
  readonly runtime: Pick<Runtime, 'sha256'>
}

/**
 * Pushes events to a Go server, whose yes means nothing: it also says it to what it drops. So what was
 * pushed is looked for in its log, and pushed once more when it is not there.
 *
 *   push ──▶ behind the end as it was ──▶ behind what was pulled ──▶ push again ──▶ the whole log
 *                                       each step for what is not found yet     ──▶ `unconfirmed`
 */
export class GoPush {
  readonly #options: GoPushOptions
  readonly #readBack: ReadBack
  /** Where the link's own reading begins: what stands before is hardly ever news. */
  pulled = 0n
  /** Up to where pushed events are known to have been there. */
  reached = 0n
  /** Known there with other content, which no push will change. */
  readonly #others = new Set<EventId>()

  constructor(options: GoPushOptions) {
    this.#options = options
    this.#readBack = new ReadBack(options.server)
  }

  /** One receipt for each event, in order. */
  async push(events: readonly LogEvent[], signal: AbortSignal | undefined): Promise<PushAnswer> {
    const sent = events.filter((event) => event.stub === null && !this.#others.has(event.id))
    const wanted = new Map(sent.map((event) => [event.id, event]))
    const found = new Map<EventId, Finding>()
    const { log } = this.#options
    const before = log.latest
    const refused = await this.#send(sent, signal)
    const end = await this.#readBack.find(wanted, { after: before }, found, signal)
    const pulled = this.pulled < before ? this.pulled : before
    await this.#readBack.find(wanted, { after: pulled, until: before }, found, signal)
    if (wanted.size > 0) {
      for (const [id, why] of await this.#send([...wanted.values()], signal)) refused.set(id, why)
      await this.#readBack.find(wanted, { after: end }, found, signal)
      await this.#readBack.findEarlier(wanted, pulled, found, signal)
    }
    const receipts = events.map((event) =>
      this.#receipt(event, found.get(event.id), refused, before),
    )
    return { kind: 'applied', receipts, ...this.#reach(found) }
  }

  /** The log is another one. */
  forget(): void {
    this.#readBack.forget()
    this.#others.clear()
    this.pulled = 0n
    this.reached = 0n
  }

  #reach(
    found: ReadonlyMap<EventId, Finding>,
  ): Pick<Extract<PushAnswer, { kind: 'applied' }>, 'reached'> {
    let last: EventId | undefined
    for (const [id, { kind, version }] of found) {
      if (kind !== 'same' || version <= this.reached) continue
      this.reached = version
      last = id
    }
    return last === undefined
      ? {}
      : { reached: goCursor(this.reached, last, this.#options.runtime) }
  }

  /** In requests that the server takes; resolves to what it refuses of them, and why. */
  async #send(
    events: readonly LogEvent[],
    signal: AbortSignal | undefined,
  ): Promise<Map<EventId, string>> {
    const { versions, bodyBytes } = this.#options
    const refused = new Map<EventId, string>()
    let chunk: Encoded[] = []
    let size = 0
    for (const event of events) {
      // Its own version means nothing there; one that can't be read would have it dropped.
      const version = event.sequence > 0n ? event.sequence : 1n
      const text = encodeForGo(event, versions.format(version))
      const bytes = utf8Length(text) + 2
      if (bytes > bodyBytes) {
        refused.set(event.id, `it takes ${bytes} bytes, and a push at most ${bodyBytes}`)
        continue
      }
      if (size + bytes > bodyBytes) {
        await this.#post(chunk, refused, signal)
        chunk = []
        size = 0
      }
      chunk.push({ id: event.id, text })
      size += bytes
    }
    await this.#post(chunk, refused, signal)
    return refused
  }

  /** What is refused as a whole is sent again in halves, down to the event that is at fault. */
  async #post(
    chunk: readonly Encoded[],
    refused: Map<EventId, string>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    if (chunk.length === 0) return
    try {
      await this.#options.server.push(`[${chunk.map(({ text }) => text).join(',')}]`, signal)
    } catch (error) {
      if (!isStatus(error, [400, 409, 413, 422])) throw error
      if (refused.size >= mostRefused) throw error
      const [only] = chunk
      if (chunk.length === 1) refused.set((only as Encoded).id, error.message)
      else {
        const half = Math.ceil(chunk.length / 2)
        await this.#post(chunk.slice(0, half), refused, signal)
        await this.#post(chunk.slice(half), refused, signal)
      }
    }
  }

  #receipt(
    { id, stub }: LogEvent,
    finding: Finding | undefined,
    refused: ReadonlyMap<EventId, string>,
    before: bigint,
  ): Receipt {
    // There is nothing to say of it that a Go server would understand.
    if (stub !== null) return { kind: 'duplicate' }
    if (finding?.kind === 'same') return { kind: finding.version > before ? 'stored' : 'duplicate' }
    if (finding?.kind === 'other') {
      if (this.#others.size >= mostRemembered) this.#others.clear()
      this.#others.add(id)
    }
    if (this.#others.has(id)) return rejected('id_conflict', otherContent)
    const why = refused.get(id)
    return why === undefined ? rejected('unconfirmed', notFound) : rejected('invalid', why)
  }
}

interface Encoded {
  readonly id: EventId
  readonly text: string
}

function rejected(reason: 'id_conflict' | 'unconfirmed' | 'invalid', message: string): Receipt {
  return { kind: 'rejected', reason, message, retryable: reason === 'unconfirmed' }
}

const otherContent = 'the Go server holds other content under this id'
const notFound = 'the Go server said yes, and does not have it'
/** Beyond this it is not single events that it minds. */
const mostRefused = 32
const mostRemembered = 10_000

function utf8Length(text: string): number {
  return encoder.encode(text).byteLength
}

const encoder = new TextEncoder()
