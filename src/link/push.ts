import type { ChangePage, Parked } from '../contracts/index.ts'
import type { EventId } from '../event/index.ts'
import { type Cursor, parseCursor, readUpTo, start, underFilter } from '../version/index.ts'
import { fetchInBatches } from './batches.ts'
import type { Change } from './change.ts'
import { offer } from './offer.ts'
import { onItsWay } from './on-its-way.ts'
import type { Outcome } from './outcome.ts'
import type { Session } from './session.ts'

/**
 * Pushes the outbox: first what was parked, unless it is to be left alone, then page by page what follows
 * the checkpoint. The checkpoint is written after the peer's receipts, so a crash repeats a batch and never
 * skips one. `lazily`: where nothing was to be pushed, it is not written for each page; a crash reads that again.
 */
export async function push<C extends Change>(
  session: Session<C>,
  how: PushManner = {},
): Promise<Outcome> {
  const { offersParked = true, lazily = false } = how
  const { state, filter } = session
  const pushed = underFilter(state.pushed, filter?.fingerprint ?? '')
  if (pushed !== state.pushed && !(await startReading(session, pushed))) return 'again'
  const parked = new Set(state.parked.map((one) => one.id))
  const outcome = offersParked ? await offerParked(session, pushed, parked) : 'done'
  return outcome === 'again' ? 'again' : drain(session, pushed, parked, lazily)
}

export interface PushManner {
  /** Default true. */
  readonly offersParked?: boolean
  /** Default false. */
  readonly lazily?: boolean
}

/**
 * The filter is another one than last time. That is written down before anything is sent under it: the peer's
 * record of our log then tells an interrupted push from a loss.
 */
async function startReading<C extends Change>(
  session: Session<C>,
  pushed: Cursor,
): Promise<boolean> {
  const acknowledged = session.received === start ? undefined : session.received
  return settle(session, session.state.pushed, pushed, { parked: [], acknowledged })
}

/** `parked` is kept in step: a child of what is parked is parked with it. */
async function offerParked<C extends Change>(
  session: Session<C>,
  pushed: Cursor,
  parked: Set<EventId>,
): Promise<Outcome> {
  const hidden = await hiddenAmong(session, [...parked])
  for (const id of hidden) parked.delete(id)
  if (
    hidden.length > 0 &&
    !(await settle(session, pushed, pushed, { parked: [], unparked: hidden }))
  )
    return 'again'
  for await (const changes of fetchInBatches(session, [...parked])) {
    const ids = changes.map((change) => change.id)
    for (const id of ids) parked.delete(id)
    const refused = await offer(session, changes, session.received, parked)
    if (refused === 'again') return 'again'
    for (const { id } of refused) parked.add(id)
    const unparked = ids.filter((id) => !parked.has(id))
    if (!(await settle(session, pushed, pushed, { parked: refused, unparked }))) return 'again'
  }
  return 'done'
}

/** What is here and is not to be sent any more. Another filter, later, sends it again anyway. */
async function hiddenAmong<C extends Change>(
  { replica, signal, filter }: Session<C>,
  ids: readonly EventId[],
): Promise<readonly EventId[]> {
  if (filter === undefined || ids.length === 0) return []
  const here = await replica.fetch(ids, signal)
  const shown = new Set((await replica.fetch(ids, signal, filter)).map(({ id }) => id))
  return here.map(({ id }) => id).filter((id) => !shown.has(id))
}

async function drain<C extends Change>(
  session: Session<C>,
  began: Cursor,
  parked: Set<EventId>,
  lazily: boolean,
): Promise<Outcome> {
  const { replica, peer, signal, pushing, runtime, filter } = session
  const { generation } = session.state
  const read = (after: Cursor): Promise<ChangePage<C>> =>
    replica.changes(after, { ...pushing, notVia: peer, ...(filter && { filter }) }, signal)
  let pushed = began
  let page = await read(session.scanned.after(generation, began))
  for (;;) {
    if (page.kind === 'reset') {
      await replica.resetLink(peer, signal)
      return 'again'
    }
    const began = runtime.monotonic()
    const offered = offer(session, page.changes, page.cursor, parked)
    offered.catch(() => {}) // seen when it is awaited
    // Read while the peer works; what it finds is only used when this page is settled.
    if (page.more) await onItsWay(runtime)
    const next = page.more ? read(page.cursor) : undefined
    next?.catch(() => {})
    const refused = await offered
    if (refused === 'again') return 'again'
    pushing.took(page.changes.length, runtime.monotonic() - began)
    const unparked = takenNow(page.changes, refused, parked)
    for (const id of unparked) parked.delete(id)
    for (const { id } of refused) parked.add(id)
    session.tally.refused += refused.length
    const isEmpty = page.changes.length === 0
    if (lazily && isEmpty && isNear(pushed, page.cursor))
      session.scanned.note(generation, pushed, page.cursor)
    else if (page.cursor !== pushed) {
      const of = { parked: refused, unparked, acknowledged: isEmpty ? undefined : page.cursor }
      if (!(await settle(session, pushed, page.cursor, of))) return 'again'
      pushed = page.cursor
    }
    if (next === undefined) return 'done'
    page = await next
  }
}

/** Something else stands there by now, which the peer does not refuse. */
function takenNow<C extends Change>(
  changes: readonly C[],
  refused: readonly Parked[],
  parked: ReadonlySet<EventId>,
): readonly EventId[] {
  if (parked.size === 0) return []
  const still = new Set(refused.map(({ id }) => id))
  return changes.map(({ id }) => id).filter((id) => parked.has(id) && !still.has(id))
}

/** What a crash would have to read again, and a count of the outbox each time, is little. */
function isNear(from: Cursor, to: Cursor): boolean {
  const [one, other] = [parseCursor(from), parseCursor(to)]
  if (other === undefined) return false
  return readUpTo(other) - (one === undefined ? 0n : readUpTo(one)) < mostScanned
}

async function settle<C extends Change>(
  session: Session<C>,
  expects: Cursor,
  pushed: Cursor,
  of: {
    readonly parked: readonly Parked[]
    readonly unparked?: readonly EventId[]
    readonly acknowledged?: Cursor | undefined
  },
): Promise<boolean> {
  const { replica, peer, signal, state, reached } = session
  const { parked, unparked = [], acknowledged } = of
  const { generation } = state
  const place = reached === undefined ? {} : { reached }
  const moved = { link: peer, generation, expects, pushed, parked, unparked, ...place }
  const settlement = acknowledged === undefined ? moved : { ...moved, acknowledged }
  const isSettled = await replica.settle(settlement, signal)
  if (isSettled) session.confirmed = pushed
  return isSettled
}

/** Positions. */
const mostScanned = 1_000n
