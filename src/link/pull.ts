import type { ChangePage, Page } from '../contracts/index.ts'
import { RejoinError } from '../errors/index.ts'
import type { EventId, Filter } from '../event/index.ts'
import type { Change } from './change.ts'
import { onItsWay } from './on-its-way.ts'
import type { Outcome } from './outcome.ts'
import { countNews, type Session } from './session.ts'

/** Pulls until the remote's log is exhausted. The next page travels while this one is taken in. */
export async function pull<C extends Change>(session: Session<C>): Promise<Outcome> {
  const { signal, pulling, runtime, filter, isAnew, origin } = session
  checkFilters(session)
  const ask = (after: Page<C>['cursor']): Promise<ChangePage<C>> => {
    const page = session.transport.pull(
      after,
      { ...pulling, ...(!isAnew && { notVia: origin }), ...(filter && { filter: filter.there }) },
      signal,
    )
    page.catch(() => {}) // seen when it is awaited, which an error of this page may prevent
    return page
  }
  let cursor = session.state.pulled
  let next: Promise<ChangePage<C>> | undefined = ask(cursor)
  while (next !== undefined) {
    const began = runtime.monotonic()
    const page: ChangePage<C> = await next
    next = page.kind === 'page' && page.more ? ask(page.cursor) : undefined
    if (next !== undefined) await onItsWay(runtime)
    if ((await takePage(session, page, cursor)) === 'again' || page.kind === 'reset') return 'again'
    pulling.took(page.changes.length, runtime.monotonic() - began)
    cursor = page.cursor
  }
  return 'done'
}

/** Refuses to take from a remote that would send what the filter keeps away. */
export function checkFilters<C extends Change>({ filter, takesFilters }: Session<C>): void {
  if (filter !== undefined && !takesFilters) throw unfiltered()
}

/** Takes in one page that goes on from `cursor`: pulled, or come by itself. */
export async function takePage<C extends Change>(
  session: Session<C>,
  given: ChangePage<C>,
  cursor: Page<C>['cursor'],
): Promise<Outcome> {
  const { replica, peer, signal, tally, filter } = session
  const page = onArrival(given, filter)
  if (page.kind === 'reset') {
    await replica.resetLink(peer, signal)
    return 'again'
  }
  tally.remoteEnd = page.cursor
  if (page.cursor !== cursor && !(await takeIn(session, page, cursor))) return 'again'
  // Taking in an event of our own that we had lost renews our origin.
  return (await replica.identity(signal)).origin === session.origin ? 'done' : 'again'
}

async function takeIn<C extends Change>(
  session: Session<C>,
  page: Page<C>,
  expects: Page<C>['cursor'],
): Promise<boolean> {
  const { replica, peer, signal, tally } = session
  const batch = {
    via: peer,
    role: 'pulled',
    changes: page.changes,
    cursor: page.cursor,
    expects,
    as: session.origin,
    ...(page.leftOut && { leftOut: page.leftOut }),
    ...(page.orphans && { orphans: page.orphans }),
    ...(page.unreadable && { unreadable: page.unreadable }),
  } as const
  for (let round = 0; round < mostRounds; round++) {
    const applied = await replica.apply(batch, signal)
    if (applied.kind === 'reset') return false
    const missing = new Set<EventId>()
    for (const receipt of applied.receipts)
      if (receipt.kind === 'missing') for (const id of receipt.parents) missing.add(id)
    tally.add({ pulled: countNews(page.changes, applied.receipts) })
    if (missing.size === 0) return true
    await fetchAncestors(session, [...missing])
  }
  throw unrooted(page.changes.length)
}

/** Asks for parents by id, and for theirs, and takes them in oldest first. */
async function fetchAncestors<C extends Change>(
  { replica, transport, peer, signal, batch, tally, state, filter }: Session<C>,
  wanted: readonly EventId[],
): Promise<void> {
  const layers: (readonly C[])[] = []
  let ids = wanted
  for (let depth = 0; ids.length > 0; depth++) {
    if (depth === mostRounds) throw unrooted(ids.length)
    const want = { ...batch, ids: ids.slice(0, mostIds), ...(filter && { filter: filter.there }) }
    const page = onArrival(await transport.pull(state.pulled, want, signal), filter)
    if (page.kind === 'reset' || page.changes.length === 0) throw unrooted(ids.length)
    layers.push(page.changes)
    const asked = new Set(page.changes.flatMap((change) => change.parents))
    for (const id of ids.slice(mostIds)) asked.add(id)
    // A page that reached its size ends early: the rest is asked for again.
    const came = new Set(page.changes.map((change) => change.id))
    if (page.more) for (const id of want.ids) if (!came.has(id)) asked.add(id)
    const known = await replica.fetch([...asked], signal)
    for (const change of known) asked.delete(change.id)
    ids = [...asked]
  }
  for (const changes of layers.reverse()) {
    const applied = await replica.apply({ via: peer, role: 'pulled', changes }, signal)
    if (applied.kind === 'applied') tally.add({ pulled: countNews(changes, applied.receipts) })
  }
}

/** What the remote can't judge is withheld here, before anything is stored. */
function onArrival<C extends Change>(
  page: ChangePage<C>,
  filter: Filter<C> | undefined,
): ChangePage<C> {
  if (filter === undefined || filter.there === filter || page.kind === 'reset') return page
  return { ...page, changes: page.changes.map((change) => filter.withhold(change)) }
}

function unfiltered(): RejoinError {
  const message = 'the remote holds to no filter: it would send everything. Push only, or pull all'
  return new RejoinError('protocol', message, { operation: 'pull', component: 'link' })
}

function unrooted(count: number): RejoinError {
  return new RejoinError('protocol', `the remote sent ${count} events without their parents`, {
    operation: 'pull',
    component: 'link',
    retryable: true,
  })
}

const mostRounds = 64
/** Ids asked for at once: no remote takes fewer. */
const mostIds = 1_000
