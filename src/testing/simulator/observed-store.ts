import type { Applied, Batch, EventStore } from '../../contracts/index.ts'
import type { EventId, LinkId, LogEvent } from '../../event/index.ts'
import type { Cursor } from '../../version/index.ts'
import type { Counts } from './counts.ts'
import type { Ledger } from './ledger.ts'
import { override } from './override.ts'
import type { Trace } from './trace.ts'

export interface Observers {
  readonly node: string
  readonly ledger: Ledger
  readonly counts: Counts
  readonly trace: Trace
  /** Hears how much of a batch was news, stubs included. */
  readonly onNews: (count: number) => void
  /** Something may have been committed. */
  readonly onCommit: () => void
  /** A batch was taken in that was pulled up to this cursor. */
  readonly onPulled: (via: LinkId, cursor: Cursor) => void
}

/** A node's store, with what it promises written into the ledger, and what it notices counted. */
export function observedStore(store: EventStore, observers: Observers): EventStore {
  const { node, ledger, counts, trace, onNews, onCommit, onPulled } = observers
  let origin: string | undefined
  const reset = (what: string) => {
    counts.resets++
    trace.note(`${node} starts over with ${what}`)
  }

  return override<EventStore>(store, {
    async append(events, options) {
      const outcome = await store.append(events, options)
      if (outcome.kind === 'appended') ledger.acknowledge(node, outcome.events)
      onCommit()
      return outcome
    },
    async apply(batch, signal) {
      origin ??= (await store.identity()).origin
      const applied = await store.apply(batch, signal)
      if (applied.kind === 'reset') trace.note(`${node} refuses what ${batch.via} takes it for`)
      else {
        ledger.promise(node, taken(batch, applied))
        countNews(batch, applied)
        onCommit()
        if (batch.role === 'pulled' && batch.cursor) onPulled(batch.via, batch.cursor)
      }
      await noticeFork()
      return applied
    },
    async erase(what, signal) {
      const answer = await store.erase(what, signal)
      const ids = 'aggregateId' in what ? await erasedIn(what.aggregateId) : what
      const gone = new Set(answer.unknown)
      ledger.erase(ids.filter((id) => !gone.has(id)))
      counts.erasures += answer.erased
      onCommit()
      return answer
    },
    async resetLink(id, signal) {
      await store.resetLink(id, signal)
      reset(id)
    },
    async confirm(peer, as, known, signal) {
      origin ??= (await store.identity()).origin
      const confirmation = await store.confirm(peer, as, known, signal)
      if (confirmation === 'reset') reset(peer)
      await noticeFork()
      return confirmation
    },
    async renewOrigin(as, signal) {
      origin ??= (await store.identity()).origin
      await store.renewOrigin(as, signal)
      await noticeFork()
    },
  })

  async function erasedIn(aggregateId: string): Promise<readonly EventId[]> {
    const { entries } = await store.entries({ aggregateId, count: 10_000 })
    return entries.filter(({ event }) => event.stub === 'erased').map(({ event }) => event.id)
  }

  function countNews({ changes }: Batch<LogEvent>, { receipts }: TakenIn): void {
    const filled = receipts.filter(({ kind }) => kind === 'filled').length
    const stored = changes.filter((_, at) => receipts[at]?.kind === 'stored')
    const erased = changes.filter(({ stub }) => stub === 'erased').length
    counts.erasuresTaken += Math.min(filled, erased)
    counts.filled += Math.max(filled - erased, 0)
    counts.withheld += stored.filter(({ stub }) => stub !== null).length
    onNews(filled + stored.length)
  }

  async function noticeFork(): Promise<void> {
    const { origin: now } = await store.identity()
    if (now === origin) return
    counts.forks++
    trace.note(`${node} was ${origin}, goes on as ${now}`)
    origin = now
  }
}

type TakenIn = Extract<Applied, { kind: 'applied' }>

function taken(batch: Batch<LogEvent>, applied: TakenIn) {
  return batch.changes
    .filter((_, at) => isThere.has(applied.receipts[at]?.kind ?? ''))
    .map((event) => event.id)
}

const isThere: ReadonlySet<string> = new Set(['stored', 'filled', 'duplicate'])
