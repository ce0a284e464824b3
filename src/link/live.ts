import type { ChangePage } from '../contracts/index.ts'
import { RejoinError } from '../errors/index.ts'
import type { Runtime } from '../runtime/index.ts'
import { pagesOf } from './pages-of.ts'
import { checkFilters, takePage } from './pull.ts'
import { push } from './push.ts'
import { type Moved, Tally } from './result.ts'
import { type Change, greet, type Session, type SessionSetup } from './session.ts'

/** What a link that follows its remote tells of. */
export interface LiveNews {
  /** The stream's first page is taken in. */
  readonly onJoined: () => void
  readonly onPage: () => void
  readonly onCommit: () => void
  /** What one page or one push has moved; also when that was nothing. */
  readonly onMoved: (moved: Moved) => void
}

export interface LiveOptions<C extends Change> {
  readonly setup: Omit<SessionSetup<C>, 'tally' | 'runtime'> & {
    readonly runtime: Pick<Runtime, 'monotonic' | 'soon' | 'timer'>
  }
  readonly news: LiveNews
  readonly pushes: boolean
  /** Milliseconds until the stream's first page, which comes at once when all is well. */
  readonly timeout: number
}

/** `again`: greet once more. `deaf`: the remote sends nothing by itself; it can only be asked. */
export type LiveEnd = 'again' | 'deaf'

/**
 * Follows the remote from where a session has caught up with it, until one side says `again`:
 *
 *     remote ── pages ──▶ taken in, as a pull takes them
 *     here ──── commits ─▶ pushed, as a push does it
 *
 * Side by side. Rejects when the stream is lost, and with the signal's reason.
 */
export async function follow<C extends Change>(
  session: Session<C>,
  options: LiveOptions<C>,
): Promise<LiveEnd> {
  const { transport, signal: outer } = options.setup
  if (transport.subscribe === undefined) return 'deaf'
  checkFilters(session)
  const both = new AbortController()
  const end = () => both.abort(outer.reason)
  outer.addEventListener('abort', end, { once: true })
  if (outer.aborted) end()
  const { signal } = both
  const joined = Promise.withResolvers<void>()
  const following: Following<C> = { ...options, setup: { ...options.setup, signal }, session }
  const pushing = options.pushes && session.takesPushes
  const sides = [
    takePages(following, joined.resolve),
    ...(pushing ? [joined.promise.then(() => pushCommits(following))] : []),
  ]
  try {
    return await Promise.race(sides)
  } finally {
    // The other side ends before anything else begins.
    both.abort(ended)
    joined.resolve()
    await Promise.allSettled(sides)
    outer.removeEventListener('abort', end)
  }
}

interface Following<C extends Change> extends LiveOptions<C> {
  readonly session: Session<C>
}

async function takePages<C extends Change>(
  following: Following<C>,
  joined: () => void,
): Promise<LiveEnd> {
  const { setup, news, timeout } = following
  const { replica, transport, signal, runtime, filter } = setup
  let hasJoined = false
  for (;;) {
    const session = await sessionNow(following)
    if (session === 'again') return 'again'
    let cursor = session.state.pulled
    const want = { ...session.batch, ...(filter && { filter: filter.there }) }
    const stream = transport.subscribe?.(cursor, want, signal) as AsyncIterable<ChangePage<C>>
    const pages = pagesOf(stream, { signal, runtime, timeout })
    let isInStep = true
    try {
      for await (const page of pages) {
        isInStep = (await takePage(session, page, cursor)) === 'done'
        if (page.kind === 'reset' || !isInStep) break
        cursor = page.cursor
        news.onMoved(movedBy(session))
        if (hasJoined) news.onPage()
        else {
          hasJoined = true
          news.onJoined()
          joined()
        }
      }
    } catch (error) {
      if (!hasJoined && isUnsupported(error)) return 'deaf'
      throw error
    }
    if (isInStep) throw lost()
    // Somebody else took in the same: the stream goes on from there. If not, it is something to greet about.
    if ((await replica.link(session.peer, signal)).pulled === cursor) return 'again'
  }
}

async function pushCommits<C extends Change>(following: Following<C>): Promise<LiveEnd> {
  const { setup, news } = following
  const { replica, signal } = setup
  const commits = replica.watch(signal)[Symbol.asyncIterator]()
  let session = following.session
  for (;;) {
    // Before the log is read: what is committed from here on wakes this up.
    const woken = commits.next()
    woken.catch(() => {}) // seen when it is awaited
    for (let tries = 0; ; tries++) {
      if (tries === mostTries) return 'again'
      const now = await sessionNow(following, session)
      if (now === 'again') return 'again'
      const outcome = await push(now, { offersParked: false })
      news.onMoved(movedBy(now))
      session = now
      if (outcome === 'done') break
      // Somebody else pushes the same log: where that has come to, the remote says.
      const greeted = await greet({ ...setup, tally: new Tally() })
      if (greeted === 'again' || !isSame(greeted, session)) return 'again'
      session = greeted
    }
    if ((await woken).done) {
      signal.throwIfAborted()
      throw closed()
    }
    news.onCommit()
  }
}

/** The session on the checkpoints as they are: others move them as well. */
async function sessionNow<C extends Change>(
  { setup, session: first }: Following<C>,
  last: Session<C> = first,
): Promise<Session<C> | 'again'> {
  const { replica, signal } = setup
  const state = await replica.link(last.peer, signal)
  const now = { ...last, ...setup, batch: last.batch, state, tally: new Tally() }
  return isSame(now, first) && (await replica.identity(signal)).origin === first.origin
    ? now
    : 'again'
}

function isSame<C extends Change>(one: Session<C>, other: Session<C>): boolean {
  return (
    one.peer === other.peer &&
    one.origin === other.origin &&
    one.state.generation === other.state.generation
  )
}

/** Since it was last asked. */
function movedBy<C extends Change>({ tally }: Session<C>): Moved {
  return tally.take()
}

/** Nobody there speaks of a stream: that is no trouble, it can be asked instead. */
function isUnsupported(error: unknown): boolean {
  if (!(error instanceof RejoinError) || error.retryable) return false
  return error.code === 'not_found' || error.code === 'protocol'
}

function lost(): RejoinError {
  return new RejoinError('network', 'the stream of the remote’s changes has ended', where)
}

function closed(): RejoinError {
  return new RejoinError('closed', 'the log here is closed', where)
}

const where = { operation: 'subscribe', component: 'link' }
const ended = new Error('the other direction has ended')
const mostTries = 5
