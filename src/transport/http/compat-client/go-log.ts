import type { ChangePage, LiveWant, Page, Parked, PullWant } from '../../../contracts/index.ts'
import { wholeNumber } from '../../../errors/check.ts'
import { RejoinError } from '../../../errors/index.ts'
import type { EventId, LogEvent } from '../../../event/index.ts'
import type { Runtime } from '../../../runtime/index.ts'
import { type Cursor, start } from '../../../version/index.ts'
import type { GoEntry } from './go-entry.ts'
import { goCursor, goPlace, markOf } from './go-identity.ts'
import type { GoServer } from './go-server.ts'

/**
 * A Go server's log, read by cursors that give away when it is not the same log any more: each page begins
 * with the event that its cursor stands behind.
 */
export class GoLog {
  readonly #server: GoServer
  readonly #runtime: Pick<Runtime, 'sha256'>
  /** Read and not asked for yet: a server without limits sends everything at once. */
  #left: { readonly after: Cursor; readonly entries: readonly GoEntry[] } | undefined
  /** The greatest version heard of. */
  latest = 0n

  constructor(server: GoServer, runtime: Pick<Runtime, 'sha256'>) {
    this.#server = server
    this.#runtime = runtime
  }

  async refresh(operation: string, signal: AbortSignal | undefined): Promise<bigint> {
    this.latest = await this.#server.latest(operation, signal)
    return this.latest
  }

  /** Whether the event that a cursor stands behind is still there. */
  async holds(cursor: Cursor, signal: AbortSignal | undefined): Promise<boolean> {
    if (cursor === start) return true
    const place = goPlace(cursor)
    if (place === undefined || place.position > this.latest) return false
    const [first] = await this.#server.entriesAfter(place.position - 1n, 1, 'hello', signal)
    return this.#isAt(cursor, first)
  }

  async page(
    after: Cursor,
    want: PullWant,
    signal: AbortSignal | undefined,
  ): Promise<ChangePage<LogEvent>> {
    const count = wholeNumber('count', want.count, pulling, { from: 1 })
    wholeNumber('bytes', want.bytes, pulling, { from: 1 })
    const entries = await this.#entriesAfter(after, count, signal)
    if (entries === 'reset') return { kind: 'reset' }
    const taken = withinSize(entries, want)
    const cursor = this.#cursorBehind(taken, after)
    const left = entries.slice(taken.length)
    this.#left = left.length > 0 ? { after: cursor, entries: left } : undefined
    // A full page may end where the log did end, before it grew on.
    const isEnd = (goPlace(cursor)?.position ?? 0n) >= this.latest && taken.length < count
    return pageOf(taken, cursor, left.length > 0 || (taken.length > 0 && !isEnd))
  }

  /** What a stream has sent, as pages: what lies behind the cursor. */
  *pagesOf(entries: readonly GoEntry[], after: Cursor, want: LiveWant): Generator<Page<LogEvent>> {
    const { position = 0n } = goPlace(after) ?? {}
    // An entry whose place is unknown is told with those around it.
    const isNew = entries.findIndex((one) => one.position !== undefined && one.position > position)
    let left = isNew < 0 ? [] : entries.slice(isNew)
    for (let cursor = after; left.length > 0; ) {
      const taken = withinSize(left, want)
      cursor = this.#cursorBehind(taken, cursor)
      left = left.slice(taken.length)
      yield pageOf(taken, cursor, left.length > 0)
    }
  }

  async #entriesAfter(
    after: Cursor,
    count: number,
    signal: AbortSignal | undefined,
  ): Promise<readonly GoEntry[] | 'reset'> {
    const left = this.#left
    this.#left = undefined
    if (left?.after === after) return left.entries
    if (after === start) return this.#server.entriesAfter(0n, count, 'pull', signal)
    const position = goPlace(after)?.position
    if (position === undefined) return 'reset'
    const found = await this.#server.entriesAfter(position - 1n, count + 1, 'pull', signal)
    if (!this.#isAt(after, found[0])) return 'reset'
    // The server may have had its reason to send one at a time.
    if (found.length > 1 || position >= this.latest) return found.slice(1)
    return this.#server.entriesAfter(position, count, 'pull', signal)
  }

  #isAt(cursor: Cursor, entry: GoEntry | undefined): boolean {
    const place = goPlace(cursor)
    if (place === undefined || entry === undefined) return false
    return entry.position === place.position && markOf(entry.id, this.#runtime) === place.mark
  }

  #cursorBehind(entries: readonly GoEntry[], after: Cursor): Cursor {
    if (entries.length === 0) return after
    const last = entries.findLast((one) => one.position !== undefined)
    const position = last?.position ?? 0n
    if (last === undefined || position <= (goPlace(after)?.position ?? 0n))
      throw this.#stuck(entries.at(-1) as GoEntry)
    if (position > this.latest) this.latest = position
    return goCursor(position, last.id, this.#runtime)
  }

  #stuck({ version }: GoEntry): RejoinError {
    const { base } = this.#server
    const message = `${base} sends events whose versions, such as "${version.slice(0, 40)}", are no way to go on from: give the option versions`
    return new RejoinError('protocol', message, { ...pulling, details: { url: base } })
  }
}

function pageOf(taken: readonly GoEntry[], cursor: Cursor, more: boolean): Page<LogEvent> {
  const unreadable = taken.filter((one) => one.event === undefined).map(parked)
  return {
    kind: 'page',
    changes: taken.flatMap(({ event }) => event ?? []),
    cursor,
    more,
    orphans: 'adopt',
    ...(unreadable.length > 0 && { unreadable }),
  }
}

/** As many as one page takes, and at least one; never up to one whose place is unknown, unless it is all. */
function withinSize(entries: readonly GoEntry[], { count, bytes }: LiveWant): readonly GoEntry[] {
  let size = 0
  let to = 0
  while (to < entries.length && to < count && size < bytes) size += entries[to++]?.event?.size ?? 0
  while (to < entries.length && entries[to - 1]?.position === undefined) to++
  return entries.slice(0, to)
}

function parked({ id, version, problem }: GoEntry): Parked {
  const name = (id === '' ? `version ${version.slice(0, 40)}` : id) as EventId
  return { id: name, reason: 'unreadable', message: `can't be read: ${problem}` }
}

const pulling = { operation: 'pull', component: 'transport/http' }
