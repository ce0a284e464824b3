import {
  type LinkedChange,
  type Parked,
  type StateChange,
  type StateRow,
  type StateStorage,
  timeOf,
} from '../../contracts/index.ts'
import type { LinkId } from '../../event/index.ts'
import { type Logger, silentLogger } from '../../ports/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import { patternFilter } from '../../store/state/index.ts'
import { type Cursor, start } from '../../version/index.ts'
import type { PivotCalls } from './calls.ts'
import { differenceOf, hasDeleteTime } from './compare.ts'
import { type PeerList, readPeerList } from './peer-list.ts'
import { PeerPicture } from './peer-picture.ts'
import type { KeyThere, PeerWriter } from './peer-writer.ts'
import { Turns } from './turns.ts'

export interface PeerSideOptions {
  readonly calls: PivotCalls
  readonly keys: readonly string[]
  readonly local: StateStorage
  readonly writer: PeerWriter
  /** The link, as the storage here knows it. */
  readonly origin: LinkId
  readonly runtime: Pick<Runtime, 'sha256' | 'monotonic' | 'now'>
  /** Milliseconds after which a list is asked for again, whatever its activity says. */
  readonly lookAgain: number
  readonly logger?: Logger | undefined
}

/** What there is to take of a key, and how far the server has come with it. */
export interface News {
  /** What may be written down as seen; `undefined`: it is to be looked at again. */
  readonly activity: bigint | undefined
  readonly taken: readonly LinkedChange[]
  readonly unreadable: readonly Parked[]
  /** For `takenIn`, once that is so. Absent: there is nothing to take. */
  readonly look?: number
}

/**
 * How a server of the original stands to the storage here, key by key. Whoever looks first gives back what it has
 * lost, the oldest first and before anything new is sent: so that nobody else who looks meanwhile takes what is
 * still missing for deleted.
 */
export class PeerSide {
  readonly #options: PeerSideOptions
  readonly #pictures = new Map<string, PeerPicture>()
  /** When the last list that was handed out whole was asked for, milliseconds since 1970. */
  readonly #listed = new Map<string, number>()
  /** How often it was said that a key has changed. */
  readonly #changes = new Map<string, number>()
  /**
   * The look at a key that has found what is to be taken, as long as nobody says that it was: no activity need tell
   * of it, and who fails to store it has to find it again.
   */
  readonly #untaken = new Map<string, number>()
  #looks = 0
  /** It has lost them and could not be given all of them back, for it went away meanwhile. */
  readonly #owed = new Set<string>()
  readonly #turns = new Turns()

  constructor(options: PeerSideOptions) {
    this.#options = options
  }

  /** Something has changed there: activity may not tell, when it was written long ago. */
  changed(key: string): void {
    this.#changes.set(key, this.#changesOf(key) + 1)
    this.#pictures.delete(key)
  }

  /** For who is about to send these. */
  there(
    key: string,
    changes: readonly StateChange[],
    signal: AbortSignal | undefined,
  ): Promise<KeyThere> {
    return this.#turns.during(key, async () => {
      const activity = await this.#options.calls.activity(key, signal)
      const picture = this.#pictureOf(key)
      const isOpen = ({ path, ...times }: StateChange) =>
        picture?.timeAt(path) === timeOf(times) && !picture.isOurs(path)
      if (picture?.isAt(activity) && !changes.some(isOpen)) return { picture, list: undefined }
      return (await this.#level(key, signal)).there
    })
  }

  /** For who has seen it at that activity. */
  newsSince(key: string, seen: bigint | undefined, signal: AbortSignal | undefined): Promise<News> {
    return this.#turns.during(key, async () => {
      const activity = await this.#options.calls.activity(key, signal)
      // What was seen before this process began tells nothing of what was sent since, and has been lost again.
      const isSeen =
        !this.#untaken.has(key) && this.#pictureOf(key)?.leadsOn(seen, activity) === true
      if (isSeen) return { activity, taken: [], unreadable: [] }
      const asked = this.#options.runtime.now()
      const news = await this.#level(key, signal)
      // Of what moves no activity, nobody could see in a cursor whether it was taken in.
      const leavesMark = news.activity !== seen || news.taken.length === 0
      if (news.activity !== undefined && leavesMark) this.#listed.set(key, asked)
      else this.#listed.delete(key)
      return news
    })
  }

  /** What that look has found is stored here, unless another one has been there since. */
  takenIn(key: string, look: number): void {
    if (this.#untaken.get(key) === look) this.#untaken.delete(key)
  }

  /**
   * All of a key that was there at this time has been handed out to who asks for news; `undefined`: not known. Its
   * activity says nothing of what was written long ago and came since.
   */
  listedAt(key: string): number | undefined {
    return this.#listed.get(key)
  }

  #changesOf(key: string): number {
    return this.#changes.get(key) ?? 0
  }

  #pictureOf(key: string): PeerPicture | undefined {
    const { runtime, lookAgain } = this.#options
    const picture = this.#pictures.get(key)
    const isOld = picture !== undefined && runtime.monotonic() - picture.at >= lookAgain
    return isOld ? undefined : picture
  }

  /** What is here is read before what is there: all that was confirmed by then has to be in it. */
  async #level(key: string, signal: AbortSignal | undefined): Promise<News & { there: KeyThere }> {
    const { local, runtime } = this.#options
    const began = runtime.monotonic()
    const changes = this.#changesOf(key)
    const { rows } = await local.list({ pattern: key, order: 'path' }, signal)
    const isUnconfirmed = await this.#unconfirmed(signal)
    const { list, activity, isSteady } = await this.#steadyList(key, signal)
    const { objects, unreadable } = list
    // An answer was lost, or somebody else has given it back.
    for (const path of objects.keys()) this.#owed.delete(path)
    const here = new Map<string, StateRow>(rows.map((row) => [row.path, row]))
    const others = [...objects.keys()].filter((path) => !here.has(path))
    for (const { row } of (await local.rows(others, signal)).found)
      if (row !== undefined) here.set(row.path, row)
    const own = hasDeleteTime({ there: objects, activity })
      ? undefined
      : await this.#ownAmong(rows, objects, signal)
    const isOwn = ({ path }: StateRow) => own?.has(path) === true || this.#owed.has(path)
    const sides = { here, isUnconfirmed, isOwn, there: objects, activity }
    const difference = differenceOf(sides, runtime)
    // While it is written to, what is missing may be there by now.
    const isSure = (path: string) => isSteady || objects.has(path)
    const { returned } = difference
    const taken = [...difference.taken.filter(({ path }) => isSure(path)), ...returned]
    const lost = difference.offered.filter(isSure).map((path) => here.get(path) as StateRow)
    const picture = new PeerPicture(list, activity, began)
    const there = { picture, list }
    const look = ++this.#looks
    if (taken.length > 0) this.#untaken.set(key, look)
    else this.#untaken.delete(key)
    // Before anything else is sent: what comes in between is then not taken for seen.
    if (this.#changesOf(key) === changes) this.#pictures.set(key, picture)
    let isMended = false
    try {
      isMended = await this.#giveBack(lost, returned, there, signal)
    } finally {
      // Nobody may send anything new on the strength of it: what is still missing goes first, or shows to nobody.
      if (!isMended && this.#pictures.get(key) === picture) this.#pictures.delete(key)
    }
    const known = isSteady && isMended ? activity : undefined
    return { activity: known, taken, unreadable, there, ...(taken.length > 0 && { look }) }
  }

  async #giveBack(
    lost: readonly StateChange[],
    returned: readonly StateChange[],
    there: KeyThere,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    const { writer, calls, logger = silentLogger } = this.#options
    if (lost.length > 0)
      logger.warn('the leader had lost what it had confirmed, and gets it back', {
        peer: calls.address,
        count: lost.length,
      })
    for (const { path } of lost) this.#owed.add(path)
    let isWhole = true
    const oldestFirst = [...lost, ...returned].toSorted((one, other) =>
      timeOf(one) < timeOf(other) ? -1 : 1,
    )
    for (const row of oldestFirst) {
      const receipt = await writer.send(row, there, signal)
      this.#owed.delete(row.path)
      if (receipt.kind === 'rejected' || receipt.kind === 'failed') isWhole = false
    }
    if (!isWhole) logger.warn('the leader refuses some of what it had', { peer: calls.address })
    return isWhole
  }

  /** A list and an activity that belong together. */
  async #steadyList(
    key: string,
    signal: AbortSignal | undefined,
  ): Promise<{ list: PeerList; activity: bigint; isSteady: boolean }> {
    const { calls } = this.#options
    let before = await calls.activity(key, signal)
    for (let tries = 1; ; tries++) {
      const list = await readPeerList(calls, key, signal)
      const activity = await calls.activity(key, signal)
      if (activity === before || tries === mostTries)
        return { list, activity, isSteady: activity === before }
      before = activity
    }
  }

  /** What was not brought by the other side, of what is missing there. */
  async #ownAmong(
    rows: readonly StateRow[],
    there: ReadonlyMap<string, unknown>,
    signal: AbortSignal | undefined,
  ): Promise<ReadonlySet<string>> {
    if (rows.every(({ path }) => there.has(path))) return new Set()
    return (await this.#notBrought(start, signal)) ?? new Set(rows.map(({ path }) => path))
  }

  /** Of paths: whether what is here is still on its way there, or was refused. Nobody knows: it is. */
  async #unconfirmed(signal: AbortSignal | undefined): Promise<(path: string) => boolean> {
    const { local, origin } = this.#options
    const { pushed, parked } = await local.link(origin, signal)
    const unsent = await this.#notBrought(pushed, signal)
    const refused = new Set<string>(parked.map(({ id }) => id))
    return (path) => unsent === undefined || unsent.has(path) || refused.has(path)
  }

  /** The paths that have changed here since, and not over this link; `undefined` when nobody knows. */
  async #notBrought(
    since: Cursor,
    signal: AbortSignal | undefined,
  ): Promise<ReadonlySet<string> | undefined> {
    const { local, origin, keys, runtime } = this.#options
    const filter = patternFilter(keys, runtime)
    const want = { count: 5_000, bytes: 16 * 1024 * 1024, notVia: origin, filter }
    const paths = new Set<string>()
    for (let after = since, more = true; more; ) {
      const page = await local.changes(after, want, signal)
      if (page.kind === 'reset') return undefined
      for (const { path } of page.changes) paths.add(path)
      after = page.cursor
      more = page.more
    }
    return paths
  }
}

const mostTries = 3
