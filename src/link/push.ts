import type { ChangePage, Parked, Receipt } from '../contracts/index.ts'
import { RejoinError } from '../errors/index.ts'
import type { EventId } from '../event/index.ts'
import type { Cursor } from '../version/index.ts'
import type { Change, Outcome, Session } from './session.ts'

/**
 * Pushes the outbox: first what was parked, then page by page what follows the checkpoint. The checkpoint
 * is written after the peer's receipts, so a crash repeats a batch and never skips one.
 */
export async function push<C extends Change>(session: Session<C>): Promise<Outcome> {
  const pusher = new Pusher(session)
  const outcome = (await pusher.offerParked()) === 'again' ? 'again' : await pusher.drain()
  pusher.reportParked()
  return outcome
}

class Pusher<C extends Change> {
  readonly #session: Session<C>
  readonly #parked: Map<EventId, Parked>
  #pushed: Cursor

  constructor(session: Session<C>) {
    this.#session = session
    this.#parked = new Map(session.state.parked.map((one) => [one.id, one]))
    this.#pushed = session.state.pushed
  }

  async offerParked(): Promise<Outcome> {
    const { replica, signal, batch } = this.#session
    const ids = [...this.#parked.keys()]
    for (let at = 0; at < ids.length; at += batch.count) {
      const slice = ids.slice(at, at + batch.count)
      const found = new Map((await replica.fetch(slice, signal)).map((one) => [one.id, one]))
      const changes = slice.flatMap((id) => found.get(id) ?? [])
      for (const id of slice) this.#parked.delete(id)
      const verdict = await this.#offer(changes, this.#session.received)
      if (verdict === 'again') return 'again'
      const still = new Set(verdict.map((one) => one.id))
      const unparked = slice.filter((id) => !still.has(id))
      if (!(await this.#settle(this.#pushed, { parked: verdict, unparked }))) return 'again'
    }
    return 'done'
  }

  async drain(): Promise<Outcome> {
    const { replica, peer, signal } = this.#session
    let page = await this.#read(this.#pushed)
    for (;;) {
      if (page.kind === 'reset') {
        await replica.resetLink(peer, signal)
        return 'again'
      }
      // Read while the peer works; what it finds is only used when this page is settled.
      const next = page.more ? this.#read(page.cursor) : undefined
      next?.catch(() => {})
      if (page.changes.length > 0) {
        const parked = await this.#offer(page.changes, page.cursor)
        if (parked === 'again') return 'again'
        if (!(await this.#settle(page.cursor, { parked, acknowledged: page.cursor })))
          return 'again'
      } else if (page.cursor !== this.#pushed && !(await this.#settle(page.cursor))) return 'again'
      if (next === undefined) return 'done'
      page = await next
    }
  }

  reportParked(): void {
    if (this.#parked.size === 0) return
    const all = [...this.#parked.values()]
    const shown = all.slice(0, 5).map((one) => `${one.id}: ${one.message}`)
    const more = all.length > shown.length ? `; and ${all.length - shown.length} more` : ''
    this.#session.tally.errors.push(
      new RejoinError(
        'rejected',
        `the remote refused ${all.length} events: ${shown.join('; ')}${more}`,
        {
          operation: 'push',
          component: 'link',
          details: { count: all.length, ids: all.slice(0, 100).map((one) => one.id) },
        },
      ),
    )
  }

  #read(after: Cursor): Promise<ChangePage<C>> {
    const { replica, batch, peer, signal } = this.#session
    return replica.changes(after, { ...batch, notVia: peer }, signal)
  }

  /** Sends changes until each has a final receipt; answers with those that are parked now. */
  async #offer(changes: readonly C[], cursor: Cursor): Promise<readonly Parked[] | 'again'> {
    const parked: Parked[] = []
    const park = (one: Parked): void => {
      parked.push(one)
      this.#parked.set(one.id, one)
    }
    let open = changes
    for (let round = 0; open.length > 0; round++) {
      const receipts = await this.#sendInSlices(open, cursor)
      if (receipts === 'again') return 'again'
      const orphans: C[] = []
      const lacking = new Set<EventId>()
      open.forEach((change, at) => {
        const receipt = receipts[at] as Receipt
        if (receipt.kind === 'rejected')
          park({ id: change.id, reason: receipt.reason, message: receipt.message })
        if (receipt.kind !== 'missing') return
        const culprit = receipt.parents.find((id) => this.#parked.has(id))
        if (culprit !== undefined) park(orphanOf(change, culprit))
        else {
          orphans.push(change)
          for (const id of receipt.parents) lacking.add(id)
        }
      })
      if (lacking.size > 0 && round === mostRounds) return this.#startOver()
      open = [...(await this.#ancestors(lacking, open)), ...orphans]
    }
    return parked
  }

  /** The parents the peer lacks, from our log; those in the batch itself come again anyway. */
  async #ancestors(lacking: ReadonlySet<EventId>, open: readonly C[]): Promise<readonly C[]> {
    if (lacking.size === 0) return []
    const { replica, signal } = this.#session
    const here = new Set(open.map((change) => change.id))
    return replica.fetch(
      [...lacking].filter((id) => !here.has(id)),
      signal,
    )
  }

  /** The peer lacks more than a few generations: it must have lost its log. */
  async #startOver(): Promise<'again'> {
    const { replica, peer, signal, logger } = this.#session
    logger.warn('the remote lacks ancestors of what it is sent; the link starts over', { peer })
    await replica.resetLink(peer, signal)
    return 'again'
  }

  /** Ancestors can make a batch larger than the remote takes. The last slice brings the cursor of all. */
  async #sendInSlices(
    changes: readonly C[],
    cursor: Cursor,
  ): Promise<readonly Receipt[] | 'again'> {
    const { count } = this.#session.batch
    const receipts: Receipt[] = []
    for (let at = 0; at < changes.length; at += count) {
      const slice = changes.slice(at, at + count)
      const isLast = at + count >= changes.length
      const answer = await this.#send(slice, isLast ? cursor : this.#session.received)
      if (answer === 'again') return 'again'
      receipts.push(...answer)
    }
    return receipts
  }

  async #send(changes: readonly C[], cursor: Cursor): Promise<readonly Receipt[] | 'again'> {
    const { replica, transport, origin, signal, tally, received } = this.#session
    if ((await replica.identity(signal)).origin !== origin) return 'again'
    const answer = await transport.push({ origin, changes, cursor, expects: received }, signal)
    if (answer.kind === 'reset') return 'again'
    this.#session.received = cursor
    const { receipts } = answer
    if (receipts.length !== changes.length) throw miscounted(changes.length, receipts.length)
    if (receipts.some((one) => one.kind === 'forked')) {
      await replica.renewOrigin(origin, signal)
      return 'again'
    }
    tally.add({
      pushed: receipts.filter((one) => one.kind === 'stored' || one.kind === 'filled').length,
    })
    return receipts
  }

  async #settle(
    pushed: Cursor,
    of: { parked?: readonly Parked[]; unparked?: readonly EventId[]; acknowledged?: Cursor } = {},
  ): Promise<boolean> {
    const { replica, peer, signal, state } = this.#session
    const { parked = [], unparked = [], acknowledged } = of
    const settled = await replica.settle(
      {
        link: peer,
        generation: state.generation,
        expects: this.#pushed,
        pushed,
        parked,
        unparked,
        ...(acknowledged === undefined ? {} : { acknowledged }),
      },
      signal,
    )
    this.#pushed = pushed
    return settled
  }
}

function orphanOf(change: Change, culprit: EventId): Parked {
  return { id: change.id, reason: 'parent_rejected', message: `its ancestor ${culprit} is refused` }
}

function miscounted(sent: number, answered: number): RejoinError {
  return new RejoinError(
    'protocol',
    `the remote answered ${sent} events with ${answered} receipts`,
    {
      operation: 'push',
      component: 'link',
    },
  )
}

/** Generations of ancestors sent one by one before the whole log is offered again. */
const mostRounds = 8
