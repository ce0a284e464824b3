import type { ChangePage } from '../contracts/index.ts'
import { RejoinError } from '../errors/index.ts'
import type { Change } from './change.ts'
import { type Following, type LiveEnd, type LiveOptions, movedBy, sessionNow } from './following.ts'
import { joinedPages } from './joined-pages.ts'
import { pagesOf } from './pages-of.ts'
import { checkFilters, takePage } from './pull.ts'
import { pushCommits } from './push-commits.ts'
import type { Session } from './session.ts'

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
  const setup = { ...options.setup, signal }
  const streamed = { pulled: session.state.pulled }
  const following: Following<C> = { ...options, setup, session, streamed }
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
    // What comes behind a page is waited for already: only this ends a stream that nothing comes of any more.
    const over = new AbortController()
    const either = AbortSignal.any([signal, over.signal])
    const stream = transport.subscribe?.(cursor, want, either) as AsyncIterable<ChangePage<C>>
    const coming = pagesOf(stream, { signal: either, runtime, timeout })
    const pages = joinedPages(coming, { most: session.batch, runtime })
    let isInStep = true
    try {
      for await (const page of pages) {
        isInStep = (await takePage(session, page, cursor)) === 'done'
        if (page.kind === 'reset' || !isInStep) break
        cursor = page.cursor
        following.streamed.pulled = cursor
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
    } finally {
      over.abort(left)
    }
    if (isInStep) throw lost()
    // Somebody else took in the same: the stream goes on from there. If not, it is something to greet about.
    if ((await replica.link(session.peer, signal)).pulled === cursor) return 'again'
  }
}

/** Nobody there speaks of a stream: that is no trouble, it can be asked instead. */
function isUnsupported(error: unknown): boolean {
  if (!(error instanceof RejoinError) || error.retryable) return false
  return error.code === 'not_found' || error.code === 'protocol'
}

function lost(): RejoinError {
  return new RejoinError('network', 'the stream of the remote’s changes has ended', where)
}

const where = { operation: 'subscribe', component: 'link' }
const ended = new Error('the other direction has ended')
const left = new Error('the link does not go on with this stream')
