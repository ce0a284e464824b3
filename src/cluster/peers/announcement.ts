import { type StateObject, timeOf } from '../../contracts/index.ts'
import { RejoinError } from '../../errors/index.ts'
import { Backoff } from '../../link/backoff.ts'
import type { Logger } from '../../ports/index.ts'
import type { Runtime, Timer } from '../../runtime/index.ts'
import type { Change, Notice, State } from '../../state/index.ts'
import { partsOf } from '../configuration/address.ts'
import { at } from '../configuration/check-options.ts'
import { announcingNode, entryPath, nodeAddress } from './node-entries.ts'
import { Rewriting } from './rewriting.ts'

export interface AnnouncementOptions {
  readonly state: State
  readonly nodesKey: string
  readonly address: string
  /** By which it knows its own entries, at whatever address. */
  readonly node: string
  readonly logger: Logger
  readonly runtime: Pick<Runtime, 'timer' | 'random' | 'monotonic'>
  /** Another server says that it is at this address, or no longer does. */
  readonly onChange: () => void
}

/**
 * This server's own entry among those that announce themselves: written when it is not there, or says something else,
 * and tried again when that fails. What it has written at another address goes in the same commit.
 *
 * Others may want something else there: a copy of this server that runs elsewhere, under the same node, or another
 * server that was given the same address. Each of them writes a few times at most: what has begun since is left alone,
 * and whatever still is replaced again and again is written again after a growing wait.
 */
export class Announcement {
  readonly #options: AnnouncementOptions
  readonly #path: string
  readonly #backoff: Backoff
  readonly #rewriting: Rewriting
  #stop = () => {}
  #writing: Promise<void> = Promise.resolve()
  #again: Timer | undefined
  /** The time of its entry when that first was right; until then, whichever of its entries is the latest is an old one. */
  #since: bigint | undefined
  /** The node of another server that has written the entry since. */
  #other: string | undefined
  #isClosed = false

  constructor(options: AnnouncementOptions) {
    this.#options = options
    this.#path = entryPath(options.nodesKey, options.address)
    this.#backoff = new Backoff(policy, options.runtime)
    this.#rewriting = new Rewriting(() => options.runtime.monotonic())
  }

  /** Two servers pass for one: what to do; `undefined` where they don't. */
  get problem(): string | undefined {
    const { address } = this.#options
    if (this.#other === undefined) return undefined
    return `another server, ${this.#other}, announces itself at ${address}, the address of this one: give each its own (rejoin serve --advertise)`
  }

  /** From now on it is there, whoever takes it away. */
  begin(): Promise<void> {
    const { state, nodesKey } = this.#options
    this.#stop = state.observe(nodesKey, (notice) => {
      if (this.#concerns(notice)) void this.#refresh()
    })
    return this.#refresh()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#stop()
    this.#again?.cancel()
    await this.#writing
  }

  #concerns({ behind, changes }: Notice): boolean {
    return behind === true || changes.some((change) => this.#isOwn(change))
  }

  #isOwn({ path, object }: Pick<Change, 'path' | 'object'>): boolean {
    return path === this.#path || (object !== undefined && this.#isHere(object))
  }

  #isHere(object: StateObject): boolean {
    return announcingNode(object) === this.#options.node
  }

  #refresh(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write())
    return this.#writing
  }

  async #write(): Promise<void> {
    const { logger } = this.#options
    if (this.#isClosed) return
    this.#again?.cancel()
    try {
      for (let tries = 1; !(await this.#isSettled()); tries++)
        if (tries === mostTries) throw unsettled(this.#path)
      this.#backoff.reset()
    } catch (error) {
      if (this.#isClosed) return
      const wait = this.#backoff.failed()
      logger.warn('this server could not announce itself', { error, wait })
      this.#refreshIn(wait)
    }
  }

  #refreshIn(wait: number): void {
    if (this.#isClosed) return
    this.#again = this.#options.runtime.timer(wait, () => void this.#refresh())
  }

  /** There is nothing to write, or not yet. `false`: somebody else was here meanwhile. */
  async #isSettled(): Promise<boolean> {
    const { state, nodesKey, address, node } = this.#options
    const entries = await state.list(nodesKey)
    const entry = entries.find(({ path }) => path === this.#path)
    const stale = entries
      .filter((one) => one !== entry && this.#isHere(one) && this.#isStale(one))
      .slice(0, mostAtOnce)
    this.#note(this.#otherIn(entry))
    const isOthers = this.#other !== undefined
    const isRight = isAt(entry, address) && (isOthers || this.#isHere(entry))
    if (isRight && stale.length === 0) {
      this.#since ??= timeOf(entry)
      return true
    }
    const { due } = this.#rewriting
    if (due > 0) {
      this.#refreshIn(due)
      return true
    }
    const data = { ...dataIn(entry), ...partsOf(address), node }
    const outcome = await state.write([
      ...stale.map((one) => ({ delete: one.path, expected: one })),
      ...(isOthers ? [] : [{ set: this.#path, data, expected: entry ?? ('none' as const) }]),
    ])
    if (outcome.kind !== 'written') return false
    this.#rewriting.written()
    const own = outcome.results.at(-1)
    if (own?.kind === 'written') this.#since ??= timeOf(own.object)
    return true
  }

  /** Whoever comes last has the entry; until this server was here, that is this one. */
  #otherIn(entry: StateObject | undefined): string | undefined {
    if (this.#since === undefined || entry === undefined) return undefined
    if (!isAt(entry, this.#options.address) || this.#isHere(entry)) return undefined
    return announcingNode(entry)
  }

  #note(other: string | undefined): void {
    if (other === this.#other) return
    this.#other = other
    const { logger, onChange, address } = this.#options
    if (other !== undefined)
      logger.warn(
        'another server announces itself at the address of this one: each needs its own --advertise',
        { address, node: other },
      )
    onChange()
  }

  /**
   * Another entry of this node is what it said before it moved. What was written after this server was here is none of
   * its own: a copy of it has begun, and each of both keeps to its address.
   */
  #isStale(one: StateObject): boolean {
    return this.#since === undefined || timeOf(one) < this.#since
  }
}

/** Milliseconds. */
const policy = { least: 500, first: 2_000, longest: 60_000 }
const mostAtOnce = 500
const mostTries = 5

function isAt(entry: StateObject | undefined, address: string): entry is StateObject {
  return entry !== undefined && nodeAddress(entry) === address
}

function unsettled(path: string): RejoinError {
  const message = `${path} is something else each time it is to be written`
  return new RejoinError('unsettled', message, { ...at('advertise'), details: { path } })
}

/** What else somebody has written there stays. */
function dataIn(entry: StateObject | undefined): object {
  const data = entry?.data
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return {}
  const { ip: _, IP: __, port: ___, Port: ____, ...others } = data as Record<string, unknown>
  return others
}
