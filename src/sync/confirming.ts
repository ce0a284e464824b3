import type { EventStore, LinkState, Parked } from '../contracts/index.ts'
import { RejoinError } from '../errors/index.ts'
import type { EventId, Filter } from '../event/index.ts'
import { type Cursor, parseCursor, readUpTo } from '../version/index.ts'
import type { Remote } from './remote.ts'

export interface Confirming {
  readonly store: EventStore
  readonly filter: Filter | undefined
  readonly remote: Remote
  readonly ids: readonly EventId[]
}

/**
 * Resolves when the remote has confirmed these events. As long as the node syncs by itself, waits for that, however
 * often the remote is away; otherwise pushes now, and rejects with what went wrong. Rejects with `rejected` when
 * one of them is parked or stays here by the filter, with the signal's reason, and with `closed`.
 */
export async function confirmed(given: Confirming, outer?: AbortSignal): Promise<void> {
  const { store, remote, ids } = given
  outer?.throwIfAborted()
  if (ids.length === 0) return
  const over = new AbortController()
  const signal = outer ? AbortSignal.any([outer, over.signal]) : over.signal
  let news = Promise.withResolvers<void>()
  const wake = () => {
    news.resolve()
    news = Promise.withResolvers()
  }
  const forget = remote.onChange(wake)
  signal.addEventListener('abort', wake, { once: true })
  const watching = wakeOnCommits(store.watch(signal), wake)
  try {
    await checkShown(given, signal)
    const { end } = await store.identity(signal)
    for (let pushes = 0; ; ) {
      // Before the checkpoint is read: what moves it from here on wakes this up.
      const { promise: changed } = news
      if (await confirmedBy(given, end, signal)) return
      if (remote.link.phase === 'closed') throw refusal('closed', 'the link is closed')
      if (remote.link.takesPushes === false)
        throw refusal('forbidden', `the remote "${remote.name}" takes no events`)
      if (remote.pushesByItself) {
        // Nobody waits for the next interval.
        if (remote.link.phase === 'polling') remote.link.nudge()
        await changed
      } else if (pushes++ < mostPushes) await pushNow(remote, signal)
      else throw refusal('unsettled', 'others keep moving what was pushed')
      outer?.throwIfAborted()
    }
  } catch (error) {
    outer?.throwIfAborted()
    throw error
  } finally {
    forget()
    over.abort()
    await watching
  }
}

/** What another process commits may be that it has pushed. */
async function wakeOnCommits(commits: AsyncIterable<void>, wake: () => void): Promise<void> {
  try {
    for await (const _ of commits) wake()
  } catch {
    // A store that can't be watched is looked at when the link moves.
  }
}

async function pushNow({ runs }: Remote, signal: AbortSignal): Promise<void> {
  const { errors } = await runs.join('push', { signal })
  const failure = errors.find(({ code }) => code !== 'rejected')
  if (failure !== undefined) throw failure
}

/** The checkpoint says so, and none of them is parked. */
async function confirmedBy(
  { store, filter, remote, ids }: Confirming,
  end: Cursor,
  signal: AbortSignal,
): Promise<boolean> {
  const { peer } = remote.link
  if (peer === undefined) return false
  const state = await store.link(peer, signal)
  const parked = state.parked.find(({ id }) => ids.includes(id))
  if (parked !== undefined) throw parkedError(parked, remote)
  return reaches(state, end, filter)
}

function reaches({ pushed }: LinkState, end: Cursor, filter: Filter | undefined): boolean {
  const [there, wanted] = [parseCursor(pushed), parseCursor(end)]
  if (there === undefined || wanted === undefined) return wanted === undefined
  return there.filter === (filter?.fingerprint ?? '') && readUpTo(there) >= wanted.position
}

/** What the filter keeps here is never confirmed, whatever the checkpoint says. */
async function checkShown(
  { store, filter, remote, ids }: Confirming,
  signal: AbortSignal,
): Promise<void> {
  if (filter === undefined) return
  const shown = await store.fetch(ids, signal, filter)
  const sent = new Set(shown.filter(({ stub }) => stub === null).map(({ id }) => id))
  const kept = ids.find((id) => !sent.has(id))
  if (kept === undefined) return
  throw refusal('rejected', `the filter keeps ${kept} from the remote "${remote.name}"`)
}

function parkedError({ id, reason, message }: Parked, { name }: Remote): RejoinError {
  const words = `the remote "${name}" refuses ${id}: ${message}`
  return new RejoinError('rejected', words, {
    ...where,
    retryable: reason === 'clock' || reason === 'parent_rejected' || reason === 'unconfirmed',
    details: { id, reason },
  })
}

function refusal(
  code: 'closed' | 'forbidden' | 'rejected' | 'unsettled',
  message: string,
): RejoinError {
  return new RejoinError(code, message, where)
}

const where = { operation: 'confirm', component: 'sync' }
const mostPushes = 5
