import type {
  ChangePage,
  Hello,
  LiveWant,
  Page,
  PullWant,
  PushAnswer,
  PushBatch,
  Replica,
  Welcome,
} from '../../contracts/index.ts'
import { wholeNumber, withMethods } from '../../errors/check.ts'
import { RejoinError } from '../../errors/index.ts'
import type { EventId, LogEvent } from '../../event/index.ts'
import type { Runtime } from '../../runtime/index.ts'
import type { Cursor } from '../../version/index.ts'
import type { Sized } from './change-form.ts'
import { type RemoteLimits, remoteLimitsOf } from './limits.ts'
import type { Follower, Following } from './live-follower.ts'
import { LivePages } from './live-pages.ts'
import { liveTailOf } from './live-tail.ts'
import { liveWaysOf } from './live-ways.ts'
import { peerRulesOf } from './peer-rules.ts'

/**
 * A log, or a storage of state, as the other end of a link sees it. What hello, push and pull mean is written here once; a
 * transport only carries them.
 */
export interface Remote<C = LogEvent> {
  /**
   * A peer that does not name itself learns who answers, but not what is known of it. One that says what it
   * knows of this log may make it find out that it is a copy or an older backup: the answer then comes
   * from its new origin.
   */
  hello(mine: Hello | undefined, signal?: AbortSignal): Promise<Greeting>
  /** Where the record of the sender ends elsewhere, the answer says where: a `reset` with a `standing`. */
  push(batch: PushBatch<C>, signal?: AbortSignal): Promise<PushAnswer>
  /**
   * With `ids`, a page may end early at `want.bytes`: `more` then says that ids which did not come are
   * worth asking for again. Its cursor is the one given.
   */
  pull(after: Cursor, want: PullWant<C>, signal?: AbortSignal): Promise<ChangePage<C>>
  /** As `Transport.subscribe`. All who stand at one cursor, over whichever transport, get the same object. */
  subscribe(after: Cursor, want: LiveWant<C>, signal: AbortSignal): AsyncIterable<ChangePage<C>>
  /** The same for a server's many: without an iterator for each. */
  join(follower: Follower<C>): Following
}

export type Greeting = Omit<Welcome, 'you'> & Partial<Pick<Welcome, 'you'>>

export interface RemoteOptions {
  readonly runtime: Pick<Runtime, 'now'>
  readonly limits?: Partial<RemoteLimits>
}

export function remoteOf<C extends Sized>(replica: Replica<C>, options: RemoteOptions): Remote<C> {
  withMethods('replica', replica, ['identity'], 'an open store', opening)
  const limits = remoteLimitsOf(options.limits, opening)
  const rules = peerRulesOf(replica)
  const tail = liveTailOf(replica)
  const liveWant = ({ count, bytes, filter }: LiveWant<C>): LiveWant<C> => ({
    count: Math.min(wholeNumber('count', count, subscribing, { from: 1 }), limits.count),
    bytes: Math.min(wholeNumber('bytes', bytes, subscribing, { from: 1 }), limits.bytes),
    ...(filter && { filter }),
  })
  return {
    async hello(mine, signal) {
      if (mine?.you !== undefined)
        await replica.confirm(mine.origin, mine.you.origin, mine.you, signal)
      // Knowledge first: what commits in between makes the end newer than it, never older.
      const you = mine === undefined ? {} : { you: await replica.knowledge(mine.origin, signal) }
      const { node, origin, end } = await replica.identity(signal)
      const { count, bytes } = limits
      const time = options.runtime.now()
      if (mine?.rules !== undefined) rules.hear(mine.origin, mine.rules, time)
      return {
        node,
        origin,
        end,
        time,
        limits: { count, bytes },
        filters: true,
        ...(mine && { rules: rules.others(mine.origin, time) }),
        ...liveWaysOf(replica),
        ...you,
      }
    },

    async push({ origin, changes, cursor, expects }, signal) {
      atMost('push', 'changes', changes.length, limits.count)
      const batch = { via: origin, role: 'pushed', changes, cursor, expects } as const
      const applied = await replica.apply(batch, signal)
      if (applied.kind === 'applied') return applied
      const you = await replica.knowledge(origin, signal)
      return { kind: 'reset', standing: { origin: (await replica.identity(signal)).origin, you } }
    },

    async pull(after, want, signal) {
      const bytes = Math.min(wholeNumber('bytes', want.bytes, pulling, { from: 1 }), limits.bytes)
      const { ids, notVia, filter } = want
      if (ids === undefined) {
        const count = Math.min(wholeNumber('count', want.count, pulling, { from: 1 }), limits.count)
        const left = { ...(notVia && { notVia }), ...(filter && { filter }) }
        return replica.changes(after, { count, bytes, ...left }, signal)
      }
      atMost('pull', 'ids', ids.length, limits.ids)
      const fetch = (some: readonly EventId[]) => replica.fetch(some, signal, filter)
      return fetchPage(fetch, after, ids, bytes)
    },

    subscribe: (after, want, signal) => new LivePages(tail, after, liveWant(want), signal),

    join: (follower) => tail.join(follower, liveWant(follower.want)),
  }
}

// In slices, so that a thousand ids of large changes never stand in memory together.
async function fetchPage<C extends Sized>(
  fetch: (ids: readonly EventId[]) => Promise<readonly C[]>,
  cursor: Cursor,
  ids: readonly EventId[],
  bytes: number,
): Promise<Page<C>> {
  const changes: C[] = []
  let at = 0
  for (let size = 0; at < ids.length && size < bytes; at += slice) {
    for (const change of await fetch(ids.slice(at, at + slice))) {
      changes.push(change)
      size += change.size
    }
  }
  return { kind: 'page', changes, cursor, more: at < ids.length }
}

function atMost(operation: string, what: string, count: number, limit: number): void {
  if (count <= limit) return
  throw new RejoinError('too_large', `${count} ${what} in one ${operation}, at most ${limit}`, {
    operation,
    component: 'transport/remote',
    details: { [what]: count, limit },
  })
}

const opening = { operation: 'open', component: 'transport/remote' }
const pulling = { operation: 'pull', component: 'transport/remote' }
const subscribing = { operation: 'subscribe', component: 'transport/remote' }
const slice = 16
