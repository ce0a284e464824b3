import type { ChangePage, Parked } from '../contracts/index.ts'
import type { EventId } from '../event/index.ts'
import type { Cursor } from '../version/index.ts'
import { fetchInBatches } from './batches.ts'
import { offer } from './offer.ts'
import type { Change, Outcome, Session } from './session.ts'

/**
 * Pushes the outbox: first what was parked, then page by page what follows the checkpoint. The checkpoint
 * is written after the peer's receipts, so a crash repeats a batch and never skips one.
 */
export async function push<C extends Change>(session: Session<C>): Promise<Outcome> {
  const parked = new Set(session.state.parked.map((one) => one.id))
  const outcome = await offerParked(session, parked)
  return outcome === 'again' ? 'again' : drain(session, parked)
}

/** `parked` is kept in step: a child of what is parked is parked with it. */
async function offerParked<C extends Change>(
  session: Session<C>,
  parked: Set<EventId>,
): Promise<Outcome> {
  const { pushed } = session.state
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

async function drain<C extends Change>(
  session: Session<C>,
  parked: Set<EventId>,
): Promise<Outcome> {
  const { replica, peer, signal, state, pushing, runtime } = session
  const read = (after: Cursor): Promise<ChangePage<C>> =>
    replica.changes(after, { ...pushing, notVia: peer }, signal)
  let { pushed } = state
  let page = await read(pushed)
  for (;;) {
    if (page.kind === 'reset') {
      await replica.resetLink(peer, signal)
      return 'again'
    }
    // Read while the peer works; what it finds is only used when this page is settled.
    const next = page.more ? read(page.cursor) : undefined
    next?.catch(() => {})
    const began = runtime.monotonic()
    const refused = await offer(session, page.changes, page.cursor, parked)
    if (refused === 'again') return 'again'
    pushing.took(page.changes.length, runtime.monotonic() - began)
    for (const { id } of refused) parked.add(id)
    const acknowledged = page.changes.length === 0 ? undefined : page.cursor
    if (page.cursor !== pushed) {
      const of = { parked: refused, acknowledged }
      if (!(await settle(session, pushed, page.cursor, of))) return 'again'
    }
    pushed = page.cursor
    if (next === undefined) return 'done'
    page = await next
  }
}

async function settle<C extends Change>(
  { replica, peer, signal, state }: Session<C>,
  expects: Cursor,
  pushed: Cursor,
  of: {
    readonly parked: readonly Parked[]
    readonly unparked?: readonly EventId[]
    readonly acknowledged?: Cursor | undefined
  },
): Promise<boolean> {
  const { parked, unparked = [], acknowledged } = of
  const { generation } = state
  const moved = { link: peer, generation, expects, pushed, parked, unparked }
  return replica.settle(acknowledged === undefined ? moved : { ...moved, acknowledged }, signal)
}
