import type { StateObject } from '../contracts/index.ts'
import type { Logger } from '../ports/index.ts'
import type { State } from '../state/index.ts'
import { partsOf } from './address.ts'
import { entryPath, nodeAddress } from './node-entries.ts'

export interface AnnouncementOptions {
  readonly state: State
  readonly nodesKey: string
  readonly address: string
  readonly logger: Logger
}

/** This server's own entry among those that announce themselves: written when it is not there, or says something else. */
export class Announcement {
  readonly #options: AnnouncementOptions
  readonly #path: string
  #stop = () => {}
  #writing: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(options: AnnouncementOptions) {
    this.#options = options
    this.#path = entryPath(options.nodesKey, options.address)
  }

  /** From now on it is there, whoever takes it away. */
  begin(): Promise<void> {
    this.#stop = this.#options.state.observe(this.#path, () => void this.#refresh())
    return this.#refresh()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#stop()
    await this.#writing
  }

  #refresh(): Promise<void> {
    this.#writing = this.#writing.then(() => this.#write())
    return this.#writing
  }

  async #write(): Promise<void> {
    const { state, address, logger } = this.#options
    if (this.#isClosed) return
    try {
      await state.update(this.#path, (entry) => {
        if (entry !== undefined && nodeAddress(entry) === address) return undefined
        return { ...dataIn(entry), ...partsOf(address) }
      })
    } catch (error) {
      if (!this.#isClosed) logger.warn('this server could not announce itself', { error })
    }
  }
}

/** What else somebody has written there stays. */
function dataIn(entry: StateObject | undefined): object {
  const data = entry?.data
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return {}
  const { ip: _, IP: __, port: ___, Port: ____, ...others } = data as Record<string, unknown>
  return others
}
