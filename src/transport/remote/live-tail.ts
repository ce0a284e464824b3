import type { ChangePage, Replica } from '../../contracts/index.ts'
import { RejoinError } from '../../errors/index.ts'
import type { LogEvent } from '../../event/index.ts'
import type { Cursor } from '../../version/index.ts'
import type { Sized } from './change-form.ts'
import { LiveChannel, type LiveSource } from './live-channel.ts'
import type { Follower, Following, PageFollower } from './live-follower.ts'
import { RecentPages } from './recent-pages.ts'
import { Turns } from './turns.ts'

/**
 * Tells followers of a log's commits: woken by the log, through one watch for all of them, with one read for
 * all who stand at one cursor and want the same. Keeps nothing for who is slow.
 *
 * A filter in code is not applied (see `Filter.there`): whoever follows withholds on arrival.
 */
export class LiveTail<C extends Sized = LogEvent> {
  readonly #replica: Replica<C>
  readonly #channels = new Map<string | LiveReading<C>, LiveChannel<C>>()
  readonly #turns = new Turns(readsAtOnce)
  readonly #recent = new RecentPages<C>(recentBytes)
  #watching: AbortController | undefined
  #commits = 0
  #named = 0

  constructor(replica: Replica<C>) {
    this.#replica = replica
  }

  /** The first page comes soon, also when there is nothing; each later one has another cursor. */
  join(follower: Follower<C>, { count, bytes, filter } = follower.want): Following {
    const there = filter?.there
    const want = { count, bytes, ...(there && { filter: there }) }
    const read: LiveReading<C> = (after, signal) => this.#replica.changes(after, want, signal)
    return this.#join(`${count} ${bytes} ${there?.fingerprint ?? ''}`, read, follower)
  }

  /** The same for pages of another kind. All who give the same `reading` are read for together. */
  joinReading(reading: LiveReading<C>, follower: PageFollower<C>): Following {
    return this.#join(reading, reading, follower)
  }

  #join(key: string | LiveReading<C>, read: LiveReading<C>, follower: PageFollower<C>): Following {
    // Before anything is read: what is committed after that is heard of.
    this.#watching ??= this.#watch()
    let channel = this.#channels.get(key)
    if (channel === undefined) {
      channel = new LiveChannel(this.#source(key, read))
      this.#channels.set(key, channel)
    }
    return channel.join(follower)
  }

  #source(key: string | LiveReading<C>, read: LiveReading<C>): LiveSource<C> {
    const commits = () => this.#commits
    return {
      name: String(this.#named++),
      recent: this.#recent,
      get commits() {
        return commits()
      },
      read: (after) => {
        const { signal } = this.#watching ?? new AbortController()
        return this.#turns.during(signal, () => read(after, signal))
      },
      left: () => this.#left(key),
    }
  }

  #left(key: string | LiveReading<C>): void {
    if (this.#channels.get(key)?.isEmpty) this.#channels.delete(key)
    if (this.#channels.size > 0) return
    this.#recent.clear()
    this.#watching?.abort()
    this.#watching = undefined
  }

  #watch(): AbortController {
    const watching = new AbortController()
    const commits = this.#replica.watch(watching.signal)[Symbol.asyncIterator]()
    this.#wakeAfter(commits, commits.next(), watching.signal).catch((error) => {
      if (watching.signal.aborted) return
      for (const channel of [...this.#channels.values()]) channel.fail(error)
    })
    return watching
  }

  async #wakeAfter(
    commits: AsyncIterator<void>,
    first: Promise<IteratorResult<void>>,
    signal: AbortSignal,
  ): Promise<void> {
    for (let next = first; ; next = commits.next()) {
      const { done } = await next
      if (signal.aborted) return
      if (done) throw closed()
      this.#commits++
      this.#recent.clear()
      for (const channel of [...this.#channels.values()]) channel.wake()
    }
  }
}

/** Reads the page after a cursor; the same cursor and nothing in it when there is none. */
export type LiveReading<C = LogEvent> = (
  after: Cursor,
  signal: AbortSignal,
) => Promise<ChangePage<C>>

/** The one tail of a log, for all who serve it. */
export function liveTailOf<C extends Sized>(replica: Replica<C>): LiveTail<C> {
  const known = tails.get(replica)
  if (known !== undefined) return known as LiveTail<C>
  const tail = new LiveTail<C>(replica)
  tails.set(replica, tail)
  return tail
}

/** What is made of a page once, such as its bytes, for all to whom it is sent. */
export function oncePerPage<T, C = LogEvent>(
  make: (page: ChangePage<C>) => T,
): (page: ChangePage<C>) => T {
  const made = new WeakMap<ChangePage<C>, { readonly value: T }>()
  return (page) => {
    const known = made.get(page)
    if (known !== undefined) return known.value
    const value = make(page)
    made.set(page, { value })
    return value
  }
}

function closed(): RejoinError {
  return new RejoinError('closed', 'the log was closed', {
    operation: 'subscribe',
    component: 'transport/remote',
  })
}

const tails = new WeakMap<object, unknown>()
/** A page may hold megabytes: so many are read at one time, whoever waits for theirs. */
const readsAtOnce = 4
const recentBytes = 4 * 1024 * 1024
