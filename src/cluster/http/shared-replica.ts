import {
  type Applied,
  type Batch,
  coversPattern,
  type LinkedChange,
  matchesPattern,
  type Receipt,
  type Replica,
  type StateStorage,
  type Want,
} from '../../contracts/index.ts'
import { RejoinError } from '../../errors/index.ts'
import type { EventId, Filter } from '../../event/index.ts'
import { parseCursor, unread } from '../../version/index.ts'
import type { Cluster } from '../cluster.ts'

/**
 * A storage as peers may see it: what is shared of it, and nothing else. Who asks for more is refused; what somebody
 * pushes beside it is, each for itself. Who reads a part of what it shares has passed no delete, as far as anybody knows.
 */
export function sharedReplica(
  storage: StateStorage,
  name: string,
  cluster: Pick<Cluster, 'patterns' | 'readsAll'>,
): Replica<LinkedChange> {
  const shared = () => cluster.patterns(name)
  const checkFilter = (filter: Filter<LinkedChange> | undefined) => {
    const patterns = filter === undefined ? ['*'] : patternsOf(filter)
    const strange = patterns.find((one) => !shared().some((own) => coversPattern(own, one)))
    if (strange !== undefined || filter === undefined) throw forbidden(strange)
  }
  return {
    identity: (signal) => storage.identity(signal),
    changes: async (after, want: Want<LinkedChange>, signal) => {
      checkFilter(want.filter)
      return storage.changes(after, want, signal)
    },
    fetch: async (ids, signal, filter) => {
      const found = await storage.fetch(ids, signal, filter)
      return found.filter(({ path }) => isUnder(shared(), path))
    },
    apply: (batch, signal) => applyShared(storage, shared(), batch, signal),
    link: (id, signal) => storage.link(id, signal),
    settle: (settlement, signal) => storage.settle(settlement, signal),
    resetLink: (id, signal) => storage.resetLink(id, signal),
    knowledge: (peer, signal) => storage.knowledge(peer, signal),
    confirm: async (peer, as, known, signal) => {
      const filter = parseCursor(known.pulled)?.filter ?? ''
      if (cluster.readsAll(name, peer, filter)) return storage.confirm(peer, as, known, signal)
      return storage.confirm(peer, as, { ...known, pulled: unread(known.pulled, filter) }, signal)
    },
    renewOrigin: (as, signal) => storage.renewOrigin(as, signal),
    watch: (signal) => storage.watch(signal),
    close: () => storage.close(),
    [Symbol.asyncDispose]: () => storage.close(),
  }
}

async function applyShared(
  storage: StateStorage,
  shared: readonly string[],
  batch: Batch<LinkedChange>,
  signal: AbortSignal | undefined,
): Promise<Applied> {
  const own = batch.changes.filter(({ path }) => isUnder(shared, path))
  const applied = await storage.apply({ ...batch, changes: own }, signal)
  if (applied.kind === 'reset' || own.length === batch.changes.length) return applied
  let next = 0
  const receipts = batch.changes.map((change) =>
    change === own[next] ? (applied.receipts[next++] as Receipt) : refused(change.id),
  )
  return { ...applied, receipts }
}

function isUnder(shared: readonly string[], path: string): boolean {
  return shared.some((pattern) => matchesPattern(pattern, path))
}

function patternsOf({ text }: Filter<LinkedChange>): readonly string[] {
  return (JSON.parse(text) as { readonly patterns: readonly string[] }).patterns
}

function refused(path: EventId): Receipt {
  const message = `${path} is under no key that is shared there`
  return { kind: 'rejected', reason: 'invalid', message, retryable: false }
}

function forbidden(pattern: string | undefined): RejoinError {
  const message =
    pattern === undefined
      ? 'a link with a server of a cluster names the keys that it is for'
      : `${pattern} is under no key that is shared here`
  return new RejoinError('forbidden', message, { operation: 'serve', component: 'cluster' })
}
