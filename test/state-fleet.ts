import { expect } from 'vitest'
import type { LinkedChange, Replica, StateChange, StateStorage } from '../src/contracts/index.ts'
import type { Filter } from '../src/event/index.ts'
import { aroundCalls, type LinkResult, syncOnce } from '../src/link/index.ts'
import { systemRuntime } from '../src/runtime/index.ts'
import { firstWriteWins, mergeFields, openState } from '../src/state/index.ts'
import type { StateTree } from '../src/state/state-tree.ts'
import { MemoryStateStorage } from '../src/store/memory/index.ts'
import { SqliteStateStorage } from '../src/store/sqlite/index.ts'
import { memoryTransport } from '../src/transport/memory/index.ts'
import { type Cursor, start } from '../src/version/index.ts'

/** Time as a whole fleet has it; each member sees it through its own clock. */
export interface FleetTime {
  /** Milliseconds since 1970. */
  now: number
}

export interface StateMember {
  readonly name: string
  readonly state: StateTree
  readonly storage: StateStorage
}

export interface MemberOptions {
  readonly kind?: 'memory' | 'sqlite'
  /** How far its clock leads, in milliseconds. */
  readonly skew?: number
  /** Told of everything that is written here, in its order. */
  readonly onCommit?: (change: StateChange) => void
}

export const fleetPolicies = { 'claims/*': firstWriteWins, 'users/*': mergeFields }

export async function stateMember(
  name: string,
  time: FleetTime,
  { kind = 'memory', skew = 0, onCommit = () => {} }: MemberOptions = {},
): Promise<StateMember> {
  const runtime = { ...systemRuntime, now: () => time.now + skew }
  const options = { node: name, policies: fleetPolicies, runtime }
  const opened =
    kind === 'memory'
      ? await MemoryStateStorage.open(options)
      : await SqliteStateStorage.open({ ...options, path: ':memory:' })
  const storage = telling(opened, onCommit)
  const state = await openState({ storage, runtime })
  return { name, state, storage: state.replica() }
}

/** What becomes of one message: lost before or after it is acted on, acted on twice, or again much later. */
export type Fate = 'fine' | 'lost' | 'unanswered' | 'doubled' | 'again later'

/** Messages that are still on their way, from syncs that are long over. */
export type OnTheWay = (() => Promise<unknown>)[]

export interface Sync {
  readonly filter?: Filter<LinkedChange>
  readonly count?: number
  /** Of its messages, in turn; the rest are fine. */
  readonly fates?: readonly Fate[]
  readonly late?: OnTheWay
}

/** One sync between two members; what fails of it is in the result. */
export function syncState(
  one: StateMember,
  other: StateMember,
  { filter, count = 100, fates = [], late = [] }: Sync = {},
): Promise<LinkResult> {
  let at = 0
  const transport = aroundCalls(
    memoryTransport<LinkedChange>(other.storage),
    async (_operation, call, signal) => {
      const fate = fates[at++] ?? 'fine'
      if (fate === 'lost') throw gone
      if (fate === 'doubled') await call(signal)
      if (fate === 'again later') late.push(() => call(undefined))
      const answer = await call(signal)
      if (fate === 'unanswered') throw gone
      return answer
    },
  )
  const replica: Replica<LinkedChange> = one.storage
  return syncOnce<LinkedChange>({ replica, transport, batch: { count }, ...(filter && { filter }) })
}

/**
 * Syncs along all of these ways until nothing moves any more, and no longer than that may take. One more round is
 * asked for: what is put in the place of a late write has not moved yet.
 */
export async function settleState(
  members: readonly StateMember[],
  ways: readonly (readonly [number, number])[],
  filter?: Filter<LinkedChange>,
): Promise<void> {
  let quiet = 0
  for (let round = 0; round <= 4 * members.length + 4; round++) {
    let moved = 0
    for (const [one, other] of ways) {
      const from = members[one] as StateMember
      const result = await syncState(from, members[other] as StateMember, filter && { filter })
      expect(result.errors).toEqual([])
      moved += result.pushed + result.pulled
    }
    quiet = moved === 0 ? quiet + 1 : 0
    if (quiet === 2) return
  }
  throw new Error('changes keep going round')
}

/** Every version that is here, whole, by its path. */
export async function versionsIn({
  storage,
}: StateMember): Promise<ReadonlyMap<string, StateChange>> {
  const versions = new Map<string, StateChange>()
  let cursor: Cursor = start
  for (let more = true; more; ) {
    const page = await storage.changes(cursor, { count: 1_000, bytes: 1e8 })
    if (page.kind === 'reset') throw new Error('a feed can be read from its start')
    for (const { path, created, updated, dataText, note } of page.changes)
      versions.set(path, { path, created, updated, dataText, note })
    cursor = page.cursor
    more = page.more
  }
  return new Map([...versions].toSorted(([one], [other]) => (one < other ? -1 : 1)))
}

function telling(storage: StateStorage, onCommit: (change: StateChange) => void): StateStorage {
  const commit: StateStorage['commit'] = async (what, signal) => {
    const answer = await storage.commit(what, signal)
    if (answer.kind === 'committed') for (const change of what.changes) onCommit(change)
    return answer
  }
  return new Proxy(storage, {
    get(target, name) {
      if (name === 'commit') return commit
      const value = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

const gone = new Error('the cable is gone')
