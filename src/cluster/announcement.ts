import type { StateObject } from '../contracts/index.ts'
import { Backoff } from '../link/backoff.ts'
import type { Logger } from '../ports/index.ts'
import type { Runtime, Timer } from '../runtime/index.ts'
import type { State } from '../state/index.ts'
import { partsOf } from './address.ts'
import { entryPath, nodeAddress } from './node-entries.ts'

export interface AnnouncementOptions {
  readonly state: State
  readonly nodesKey: string
  readonly address: string
  readonly logger: Logger
  readonly runtime: Pick<Runtime, 'timer' | 'random'>
}

/**
 * This server's own entry among those that announce themselves: written when it is not there, or says something else,
 * and tried again when that fails.
 */
export class Announcement {
  readonly #options: AnnouncementOptions
  readonly #path: string
  readonly #backoff: Backoff
  #stop = () => {}
  #writing: Promise<void> = Promise.resolve()
  #again: Timer | undefined
  #isClosed = false

  constructor(options: AnnouncementOptions) {
    this.#options = options
    this.#path = entryPath(options.nodesKey, options.address)
    this.#backoff = new Backoff(policy, options.runtime)
  }

  /** From now on it is there, whoever takes it away. */
  begin(): Promise<void> {
    this.#stop = this.#options.state.observe(this.#path, () => void this.#refresh())
    return this.#refresh()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#stop()
    this.#again?.cancel()
    await this.#writing
  }

  #refresh(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write())
    return this.#writing
  }

  async #write(): Promise<void> {
    const { state, address, logger, runtime } = this.#options
    if (this.#isClosed) return
    this.#again?.cancel()
    try {
      await state.update(this.#path, (entry) => {
        if (entry !== undefined && nodeAddress(entry) === address) return undefined
        return { ...dataIn(entry), ...partsOf(address) }
      })
      this.#backoff.reset()
    } catch (error) {
      if (this.#isClosed) return
      const wait = this.#backoff.failed()
      logger.warn('this server could not announce itself', { error, wait })
      this.#again = runtime.timer(wait, () => void this.#refresh())
    }
  }
}

/** Milliseconds. */
const policy = { least: 500, first: 2_000, longest: 60_000 }

/** What else somebody has written there stays. */
function dataIn(entry: StateObject | undefined): object {
  const data = entry?.data
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return {}
  const { ip: _, IP: __, port: ___, Port: ____, ...others } = data as Record<string, unknown>
  return others
}
