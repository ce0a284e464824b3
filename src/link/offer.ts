import type { Parked, Receipt } from '../contracts/index.ts'
import { RejoinError } from '../errors/index.ts'
import type { EventId } from '../event/index.ts'
import { type Cursor, parseCursor, readUpTo } from '../version/index.ts'
import { fetchInBatches, firstBatch } from './batches.ts'
import type { Change } from './change.ts'
import { countNews, type Session } from './session.ts'

/**
 * Sends changes until each has a final receipt; answers with those that are refused for now. What the peer
 * lacks of their ancestors goes first. `again`: see `Outcome`.
 */
export async function offer<C extends Change>(
  session: Session<C>,
  changes: readonly C[],
  cursor: Cursor,
  parked: ReadonlySet<EventId>,
): Promise<readonly Parked[] | 'again'> {
  const refused = new Map<EventId, Parked>()
  const isParked = (id: EventId): boolean => refused.has(id) || parked.has(id)
  let open = changes
  for (let round = 0; open.length > 0; round++) {
    const receipts = await sendInBatches(session, open, cursor)
    if (receipts === 'again') return 'again'
    const orphans: C[] = []
    const lacking = new Set<EventId>()
    open.forEach((change, at) => {
      const receipt = receipts[at] as Receipt
      const { id } = change
      if (receipt.kind === 'rejected')
        refused.set(id, { id, reason: receipt.reason, message: receipt.message })
      if (receipt.kind !== 'missing') return
      const culprit = receipt.parents.find(isParked)
      if (culprit !== undefined) refused.set(id, orphanOf(id, culprit))
      else {
        orphans.push(change)
        for (const parent of receipt.parents) lacking.add(parent)
      }
    })
    if (lacking.size > 0 && round === mostRounds) return startOver(session)
    open = [...(await ancestors(session, lacking, open)), ...orphans]
  }
  return [...refused.values()]
}

/** The parents the peer lacks, from our log; those in the batch itself come again anyway. */
async function ancestors<C extends Change>(
  session: Session<C>,
  lacking: ReadonlySet<EventId>,
  open: readonly C[],
): Promise<readonly C[]> {
  const here = new Set(open.map((change) => change.id))
  const wanted = [...lacking].filter((id) => !here.has(id))
  const found: C[] = []
  // More than a batch of them waits for the next round: children without parents are asked for again.
  for await (const batch of fetchInBatches(session, wanted)) {
    found.push(...batch)
    break
  }
  return found
}

/** The peer lacks more than a few generations: it must have lost its log. */
async function startOver<C extends Change>(session: Session<C>): Promise<'again'> {
  const { replica, peer, signal, logger } = session
  logger.warn('the remote lacks ancestors of what it is sent; the link starts over', { peer })
  await replica.resetLink(peer, signal)
  return 'again'
}

/**
 * In requests that the peer takes: ancestors can make a page larger than one, and limits on the way can be
 * lower than it said. The last request brings the cursor of all.
 */
async function sendInBatches<C extends Change>(
  session: Session<C>,
  changes: readonly C[],
  cursor: Cursor,
): Promise<readonly Receipt[] | 'again'> {
  const receipts: Receipt[] = []
  let most = session.batch
  while (receipts.length < changes.length) {
    const batch = firstBatch(changes, receipts.length, most)
    const isLast = receipts.length + batch.length === changes.length
    try {
      const { received } = session
      const answer = await send(session, batch, isLast ? furthest(received, cursor) : received)
      if (answer === 'again') return 'again'
      receipts.push(...answer)
    } catch (error) {
      if (!isTooLarge(error)) throw error
      if (batch.length === 1) receipts.push(tooLarge(error))
      else most = { ...most, count: Math.ceil(batch.length / 2) }
    }
  }
  return receipts
}

/**
 * Another session may have pushed more already and not have written down its checkpoint yet. A smaller page goes
 * with the cursor that stands there: else the remote's record of our log would fall behind what it has confirmed,
 * and look like a loss.
 */
function furthest(received: Cursor, cursor: Cursor): Cursor {
  const [there, here] = [parseCursor(received), parseCursor(cursor)]
  if (there === undefined || here === undefined || there.filter !== here.filter) return cursor
  return readUpTo(there) > readUpTo(here) ? received : cursor
}

async function send<C extends Change>(
  session: Session<C>,
  changes: readonly C[],
  cursor: Cursor,
): Promise<readonly Receipt[] | 'again'> {
  const { replica, transport, origin, signal, tally, received } = session
  if ((await replica.identity(signal)).origin !== origin) return 'again'
  const answer = await transport.push({ origin, changes, cursor, expects: received }, signal)
  if (answer.kind === 'reset') {
    if (answer.standing !== undefined) session.standing = answer.standing
    return 'again'
  }
  session.received = cursor
  if (answer.reached !== undefined) session.reached = answer.reached
  const { receipts } = answer
  if (receipts.length !== changes.length) throw miscounted(changes.length, receipts.length)
  if (receipts.some((one) => one.kind === 'forked')) {
    await replica.renewOrigin(origin, signal)
    return 'again'
  }
  tally.add({ pushed: countNews(changes, receipts) })
  return receipts
}

function isTooLarge(error: unknown): error is RejoinError {
  return error instanceof RejoinError && error.code === 'too_large'
}

/** Alone it is still too much for the remote: it is parked, and the others go on. */
function tooLarge({ message }: RejoinError): Receipt {
  return { kind: 'rejected', reason: 'invalid', message, retryable: false }
}

function orphanOf(id: EventId, culprit: EventId): Parked {
  return { id, reason: 'parent_rejected', message: `its ancestor ${culprit} is refused` }
}

function miscounted(sent: number, answered: number): RejoinError {
  const message = `the remote answered ${sent} events with ${answered} receipts`
  return new RejoinError('protocol', message, { operation: 'push', component: 'link' })
}

/** Generations of ancestors sent one by one before the whole log is offered again. */
const mostRounds = 8
