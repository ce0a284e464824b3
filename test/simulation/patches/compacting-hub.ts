import type { EventStore } from '../../../src/contracts/index.ts'
import { snapshotType } from '../../../src/event/index.ts'
import type { Runtime } from '../../../src/runtime/index.ts'
import type { Application, Scenario } from '../../../src/testing/index.ts'

/** One node of it: the hub, or one of those who read it. */
export interface Books {
  readonly name: string
  readonly store: EventStore
  readonly runtime: Runtime
  /** By the monotonic clock. */
  readonly began: number
}

/**
 * A hub that writes, takes snapshots and compacts as soon as it may, from when all have been there once. Nobody may get a
 * stub of what was compacted: the hub was to wait for them.
 */
export function compactingHub(onCompacted: (count: number) => void = () => {}): Application<Books> {
  return {
    start: ({ name, store, runtime }) => ({ name, store, runtime, began: runtime.monotonic() }),
    async act({ name, store, runtime, began }, { random, number }) {
      if (name !== 'hub') return
      const aggregateId = random.pick(['cash', 'bank'])
      const type = random.chance(0.3) ? snapshotType : 'Paid'
      await store.append([{ type, aggregateId, data: { number } }])
      if (runtime.monotonic() - began < allWereThere) return
      onCompacted((await store.compact?.({ olderThan: 0 }))?.compacted ?? 0)
    },
    async check({ name, store }) {
      if (name === 'hub') return undefined
      const { entries } = await store.entries({ count: 10_000 })
      const stub = entries.find(({ event }) => event.stub === 'compacted')
      return stub && `${stub.event.id} was compacted before it was read here`
    },
  }
}

/** Those who read are live from their first connection on, and one of them is away for a while. */
export const awayOnce: Partial<Scenario> = {
  topology: {
    name: 'star',
    nodes: ['hub', 'there', 'away'],
    links: [
      ['there', 'hub'],
      ['away', 'hub'],
    ],
  },
  links: 'live',
  guard: 5 * 60_000,
  fidgetEvery: Number.POSITIVE_INFINITY,
  clockJumpEvery: Number.POSITIVE_INFINITY,
  outages: [{ node: 'away', at: 15_000, time: 20_000 }],
  troubledTime: 60_000,
  weather: { delay: 2, loss: 0, duplication: 0, lateness: 0, patience: 5_000 },
  clocks: new Map(),
  appendEvery: 800,
  crashEvery: Number.POSITIVE_INFINITY,
  partitionEvery: Number.POSITIVE_INFINITY,
  diskTroubleEvery: Number.POSITIVE_INFINITY,
  disasters: [],
  readers: 0,
}

/** Milliseconds: a first page, and the word that it was read. */
const allWereThere = 14_500
