import type { EventStore } from '../contracts/index.ts'
import type { LinkId, LogEvent } from '../event/index.ts'
import { Link, type LinkClosing, type Unsent } from '../link/index.ts'
import { LiveResults } from './live-results.ts'
import { type Direction, Runs, type RunsOptions } from './runs.ts'

/** Its syncs and its link have much in common. */
export interface RemoteOptions extends Omit<RunsOptions, 'greetings' | 'onEnd'> {
  readonly name: string
  /** The node has no other, so what the store knows of a peer is about this one. */
  readonly isOnly: boolean
  readonly direction: Direction
  readonly interval: number
  readonly realtime: boolean
  readonly timeout: number
}

/** One of a node's remotes: the syncs with it, and the link that makes them by itself. */
export class Remote {
  readonly name: string
  readonly runs: Runs
  readonly link: Link<LogEvent>
  readonly #options: RemoteOptions
  readonly #live: LiveResults
  readonly #listeners = new Set<() => void>()

  constructor(options: RemoteOptions) {
    const { name, store, direction, realtime, timeout, filter, logger, runtime } = options
    this.#options = options
    this.name = name
    this.runs = new Runs({
      ...options,
      greetings: {
        onGreeting: () => this.link.greetings.onGreeting?.(),
        onGreeted: (session) => this.link.greetings.onGreeted?.(session),
      },
      onEnd: (done, round) => {
        // What came through one way says nothing of the other.
        if (round !== undefined && done === direction) this.link.heard(round)
        this.#changed()
      },
    })
    this.#live = new LiveResults({
      ...options,
      tell: (...moved) => this.runs.told(direction, ...moved),
    })
    this.link = new Link<LogEvent>({
      name,
      realtime,
      timeout,
      logger,
      runtime,
      replica: this.#live.watched(),
      transport: this.runs.transport,
      directions: { push: direction !== 'pull', pull: direction !== 'push' },
      ...(options.interval > 0 && { interval: options.interval }),
      ...(options.batchSize !== undefined && { batch: { count: options.batchSize } }),
      ...(filter && { filter }),
      // Not called off with the link's own signal: a sync under way goes on to its end, as others may share it.
      round: () => this.runs.join(direction, {}),
      guessPeer: (signal) => this.#guessPeer(store, signal),
      onMoved: (moved, duration) => {
        this.#live.moved(moved, duration)
        this.#changed()
      },
    })
    this.link.onTransition(() => this.#changed())
  }

  /** Changes are pushed by themselves: soon, or when the remote is there again. */
  get pushesByItself(): boolean {
    return isRunning(this.link) && this.#options.direction !== 'pull'
  }

  /** Calls back whenever something has happened that may have moved the checkpoints; answers with a way to stop that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Syncs under way are aborted once the link, if it runs, has pushed what is left or its time is over. */
  async close(reason: unknown, closing: LinkClosing): Promise<Unsent | undefined> {
    // Without a link that runs, what is under way ends at once: nobody waits for a flush.
    const mayFlush = closing.flush ?? isRunning(this.link)
    const ended = mayFlush ? undefined : this.runs.close(reason)
    const unsent = await this.link.close(closing)
    await (ended ?? this.runs.close(reason))
    await this.#live.close()
    this.#changed()
    return unsent
  }

  #changed(): void {
    for (const listener of [...this.#listeners]) listener()
  }

  /** Before the remote was reached: a log with one link, or none, leaves no doubt. */
  async #guessPeer(store: EventStore, signal?: AbortSignal): Promise<LinkId | 'none' | undefined> {
    if (!this.#options.isOnly) return undefined
    const { links } = await store.status(signal)
    if (links.length === 0) return 'none'
    return links.length === 1 ? (links[0]?.link as LinkId) : undefined
  }
}

function isRunning({ phase }: Link<LogEvent>): boolean {
  return phase !== 'stopped' && phase !== 'paused' && phase !== 'closed'
}
