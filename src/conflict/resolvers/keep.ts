import type { Conflict, Resolution, Resolver } from '../../contracts/index.ts'

/** Everything counts: events that add to each other don't exclude each other. The default. */
export function additive(): Resolver {
  return {
    name: 'additive',
    resolve: ({ branches }) => ({ kind: 'keep', winners: branches.map((_, at) => at) }),
  }
}

/**
 * The branch whose last event comes last in effective order counts, the others are superseded. "Last" is by
 * stamp, which follows wall clocks as far as they agree, and never contradicts causality.
 */
export function lastWriteWins(): Resolver {
  // Branches are in the order of their last events.
  return { name: 'last-write-wins', resolve: ({ branches }) => keep(branches.length - 1) }
}

/**
 * The branch whose first event comes first in effective order counts, the others are superseded. Of branches
 * that begin with the same event, the one that ends first.
 */
export function firstWriteWins(): Resolver {
  return { name: 'first-write-wins', resolve: (conflict) => keep(firstBranch(conflict)) }
}

/** A person decides: everything counts until somebody appends an event on top of all branches. */
export function manualReview({ reason }: { readonly reason?: string } = {}): Resolver {
  const told = reason ?? 'manual review required'
  return { name: 'manual-review', resolve: () => ({ kind: 'review', reason: told }) }
}

/** A resolver from a pure function; see `Resolver`. */
export function customResolver(
  name: string,
  resolve: (conflict: Conflict) => Resolution,
): Resolver {
  return { name, resolve }
}

function firstBranch({ branches, events }: Conflict): number {
  return branches.findIndex(({ events: [first] }) => first?.id === events[0]?.id)
}

function keep(winner: number): Resolution {
  return { kind: 'keep', winners: [winner] }
}
