import type { ChangePage, LinkedChange, Parked, PullWant } from '../../contracts/index.ts'
import { type Logger, silentLogger } from '../../ports/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import type { Cursor } from '../../version/index.ts'
import { isStatus } from './calls.ts'
import type { News, PeerSide } from './peer-side.ts'
import { PivotCursors, type PivotPlace } from './pivot-cursor.ts'
import { keyProblem } from './pivot-keys.ts'

export interface PivotPullOptions {
  readonly side: PeerSide
  readonly keys: readonly string[]
  readonly address: string
  readonly runtime: Pick<Runtime, 'sha256' | 'now'>
  readonly logger?: Logger | undefined
}

/** Reads a server of the original in pages: its activity, and only what has moved as a whole. */
export class PivotPull {
  readonly #options: PivotPullOptions
  readonly #keys: readonly string[]
  readonly #cursors: PivotCursors
  /** What was found and is still to be handed out. */
  #left: Found | undefined
  /** What was handed out last, and where it ends: who goes on from there has stored it. */
  #handedOut: { readonly end: Cursor; readonly looks: Found['looks'] } | undefined
  #listedAt: number | undefined

  constructor(options: PivotPullOptions) {
    this.#options = options
    this.#keys = options.keys.filter((key) => keyProblem(key) === undefined)
    this.#cursors = new PivotCursors(options.keys, options.runtime)
  }

  /** All that was there at this time lies before the last page that ended a pull, milliseconds since 1970. */
  get listedAt(): number | undefined {
    return this.#listedAt
  }

  async page(
    after: Cursor,
    want: PullWant<LinkedChange>,
    signal: AbortSignal | undefined,
  ): Promise<ChangePage<LinkedChange>> {
    if (this.#handedOut?.end === after) {
      for (const [key, look] of this.#handedOut.looks) this.#options.side.takenIn(key, look)
      this.#handedOut = undefined
    }
    const left = this.#left?.at === after ? this.#left : undefined
    this.#left = undefined
    const found = left ?? (await this.#look(after, signal))
    const { changes, unreadable, activities } = found
    if (changes.length === 0 && unreadable.length === 0) {
      this.#listedAt = found.listedAt
      const { looks } = found
      // The next page may be asked for before this one is stored; another pull goes on from what is.
      const step = looks.size === 0 ? 0 : found.step + 1
      const end = this.#cursors.format({ activities, step })
      if (step > 0) this.#handedOut = { end, looks }
      return page([], end, false)
    }
    const taken = withinSize(changes, want)
    // Where it was before: who goes on from here without us looks again.
    const step = found.step + 1
    const at = this.#cursors.format({ activities: found.from, step })
    this.#left = { ...found, at, step, changes: changes.slice(taken.length), unreadable: [] }
    return page(taken, at, true, unreadable)
  }

  async #look(after: Cursor, signal: AbortSignal | undefined): Promise<Found> {
    const { side, runtime } = this.#options
    const { activities: from, step } = this.#cursors.parse(after)
    const activities = new Map(from)
    const changes: LinkedChange[] = []
    const unreadable: Parked[] = []
    const listed: (number | undefined)[] = []
    const looks = new Map<string, number>()
    for (const key of this.#keys) {
      const asked = runtime.now()
      const news = await this.#newsOf(key, from.get(key), signal)
      listed.push(news === undefined ? asked : side.listedAt(key))
      if (news === undefined) continue
      for (const change of news.taken) changes.push(change)
      unreadable.push(...news.unreadable)
      if (news.look !== undefined) looks.set(key, news.look)
      if (news.activity !== undefined) activities.set(key, news.activity)
    }
    const listedAt = oldest(listed)
    return { at: after, from, step, activities, changes, unreadable, looks, listedAt }
  }

  /** `undefined` for a key that is not shared there. */
  async #newsOf(
    key: string,
    seen: bigint | undefined,
    signal: AbortSignal | undefined,
  ): Promise<News | undefined> {
    const { side, address, logger = silentLogger } = this.#options
    try {
      return await side.newsSince(key, seen, signal)
    } catch (error) {
      if (!isStatus(error, [404])) throw error
      logger.warn('the leader does not share a key', { peer: address, key })
      return undefined
    }
  }
}

interface Found extends PivotPlace {
  /** The cursor of the last page. */
  readonly at: Cursor
  /** The activities that it began with. */
  readonly from: ReadonlyMap<string, bigint>
  readonly changes: readonly LinkedChange[]
  readonly unreadable: readonly Parked[]
  /** By key, those that have found them. */
  readonly looks: ReadonlyMap<string, number>
  /** All that was there at this time is in it, or was handed out before. */
  readonly listedAt: number | undefined
}

/** `undefined` if one is. */
function oldest(times: readonly (number | undefined)[]): number | undefined {
  const known = times.filter((time) => time !== undefined)
  return known.length === 0 || known.length < times.length ? undefined : Math.min(...known)
}

function page(
  changes: readonly LinkedChange[],
  cursor: Cursor,
  more: boolean,
  unreadable: readonly Parked[] = [],
): ChangePage<LinkedChange> {
  const said = unreadable.length > 0 && { unreadable }
  return { kind: 'page', changes, cursor, more, ...said }
}

function withinSize(
  changes: readonly LinkedChange[],
  { count, bytes }: PullWant<LinkedChange>,
): readonly LinkedChange[] {
  let size = 0
  let to = 0
  while (to < changes.length && to < count && size < bytes) size += changes[to++]?.size ?? 0
  return changes.slice(0, to)
}
