import { type StateObject, timeOf } from '../contracts/index.ts'
import { RejoinError } from '../errors/index.ts'
import { Backoff } from '../link/backoff.ts'
import type { Logger } from '../ports/index.ts'
import type { Runtime, Timer } from '../runtime/index.ts'
import type { Change, Notice, State } from '../state/index.ts'
import { partsOf } from './address.ts'
import { at } from './check-options.ts'
import { announcingNode, entryPath, nodeAddress } from './node-entries.ts'

export interface AnnouncementOptions {
  readonly state: State
  readonly nodesKey: string
  readonly address: string
  /** By which it knows its own entries, at whatever address. */
  readonly node: string
  readonly logger: Logger
  readonly runtime: Pick<Runtime, 'timer' | 'random'>
}

/**
 * This server's own entry among those that announce themselves: written when it is not there, or says something else,
 * and tried again when that fails. What it has written at another address goes in the same commit.
 */
export class Announcement {
  readonly #options: AnnouncementOptions
  readonly #path: string
  readonly #backoff: Backoff
  #stop = () => {}
  #writing: Promise<void> = Promise.resolve()
  #again: Timer | undefined
  /** From the last time it was here: whichever of its entries is the latest, this address is the one. */
  #isBegun = false
  #isClosed = false

  constructor(options: AnnouncementOptions) {
    this.#options = options
    this.#path = entryPath(options.nodesKey, options.address)
    this.#backoff = new Backoff(policy, options.runtime)
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
    const { logger, runtime } = this.#options
    if (this.#isClosed) return
    this.#again?.cancel()
    try {
      for (let tries = 1; !(await this.#hasWritten()); tries++)
        if (tries === mostTries) throw unsettled(this.#path)
      this.#isBegun = true
      this.#backoff.reset()
    } catch (error) {
      if (this.#isClosed) return
      const wait = this.#backoff.failed()
      logger.warn('this server could not announce itself', { error, wait })
      this.#again = runtime.timer(wait, () => void this.#refresh())
    }
  }

  /** `false`: somebody else was here meanwhile. */
  async #hasWritten(): Promise<boolean> {
    const { state, nodesKey, address, node } = this.#options
    const entries = await state.list(nodesKey)
    const entry = entries.find(({ path }) => path === this.#path)
    const stale = entries
      .filter((one) => one !== entry && this.#isHere(one) && this.#isStale(one, entry))
      .slice(0, mostAtOnce)
    const isRight = entry !== undefined && nodeAddress(entry) === address && this.#isHere(entry)
    if (isRight && stale.length === 0) return true
    const data = { ...dataIn(entry), ...partsOf(address), node }
    const { kind } = await state.write([
      { set: this.#path, data, expected: entry ?? 'none' },
      ...stale.map((one) => ({ delete: one.path, expected: one })),
    ])
    return kind === 'written'
  }

  /**
   * Another entry of this node is what it said before it moved. While it runs, a later one is none of its own: a copy
   * of it has begun, and each of both keeps to its address.
   */
  #isStale(one: StateObject, entry: StateObject | undefined): boolean {
    return !this.#isBegun || (entry !== undefined && timeOf(one) < timeOf(entry))
  }
}

/** Milliseconds. */
const policy = { least: 500, first: 2_000, longest: 60_000 }
const mostAtOnce = 500
const mostTries = 5

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
