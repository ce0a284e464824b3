import { type Logger, tellListener } from '../../ports/index.ts'
import type { Runtime, Timer } from '../../runtime/index.ts'
import type { ClusterStatus } from './status.ts'

export interface StatusListenersOptions {
  readonly read: () => Promise<ClusterStatus>
  readonly runtime: Runtime
  readonly logger: Logger
}

/** Who is told of each new status: what changes within a quarter of a second is told at once. */
export class StatusListeners {
  readonly #options: StatusListenersOptions
  readonly #listeners = new Set<(status: ClusterStatus) => void>()
  #timer: Timer | undefined
  #telling: Promise<void> | undefined
  #isStale = false
  #isClosed = false
  #last = ''

  constructor(options: StatusListenersOptions) {
    this.#options = options
  }

  add(listener: (status: ClusterStatus) => void): () => void {
    this.#listeners.add(listener)
    this.#last = ''
    this.changed()
    return () => void this.#listeners.delete(listener)
  }

  changed(): void {
    this.#isStale = true
    if (this.#isClosed || this.#listeners.size === 0) return
    if (this.#timer !== undefined || this.#telling !== undefined) return
    this.#timer = this.#options.runtime.timer(pause, () => {
      this.#timer = undefined
      this.#telling = this.#tell().finally(() => {
        this.#telling = undefined
        if (this.#isStale) this.changed()
      })
    })
  }

  async close(): Promise<void> {
    this.#isClosed = true
    this.#timer?.cancel()
    await this.#telling
    this.#listeners.clear()
  }

  async #tell(): Promise<void> {
    const { read, logger } = this.#options
    this.#isStale = false
    try {
      const status = await read()
      const last = JSON.stringify(status, withoutTimes)
      if (last === this.#last) return
      this.#last = last
      for (const listener of [...this.#listeners])
        tellListener(listener, status, (thrown) =>
          logger.error('a listener to the cluster threw', { error: thrown }),
        )
    } catch (error) {
      if (!this.#isClosed) logger.warn('the status of the cluster could not be read', { error })
    }
  }
}

/** What only says when somebody has looked last is no news. */
function withoutTimes(name: string, value: unknown): unknown {
  if (passing.has(name)) return undefined
  return typeof value === 'bigint' ? String(value) : value
}

const passing = new Set([
  'asOf',
  'clockOffset',
  'lag',
  'lastCheck',
  'levelAt',
  'nextAttempt',
  'since',
])
const pause = 250
