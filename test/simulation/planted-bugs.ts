import {
  type Conflict,
  customResolver,
  defineRules,
  lastWriteWins,
  type Resolution,
  type Resolver,
} from '../../src/conflict/index.ts'
import type { EventStore } from '../../src/contracts/index.ts'
import { type EventId, type LogEvent, stubOf } from '../../src/event/index.ts'
import { SyncNode } from '../../src/sync/index.ts'
import {
  type Application,
  type FilterPlan,
  override,
  type Plant,
  type Scenario,
} from '../../src/testing/index.ts'
import { type Cursor, cursorOf, parseCursor, start } from '../../src/version/index.ts'

// So that an event that is lost is not brought along as the parent of the next one.
const manyRooms = Array.from({ length: 20 }, (_, at) => `room ${at}`)

/** Whoever calls wants a part at first, and all in the end. */
const narrowThenAll: FilterPlan = new Map(
  ['a', 'b', 'c', 'd', 'e'].map((node) => [
    node,
    [
      { at: 0, filter: { types: ['set'] } },
      { at: 4_000, filter: { aggregates: ['cart'] } },
      { at: 9_000 },
    ],
  ]),
)

const leaves = Array.from({ length: 12 }, (_, at) => `leaf${at}`)

/** A hub that is away for a while, and many who want to come back to it. */
const hubIsAway: Partial<Scenario> = {
  topology: { name: 'star', nodes: ['hub', ...leaves], links: leaves.map((leaf) => [leaf, 'hub']) },
  links: 'live',
  fidgetEvery: Infinity,
  clockJumpEvery: Infinity,
  outages: [{ node: 'hub', at: 5_000, time: 50_000 }],
  troubledTime: 60_000,
  weather: { delay: 2, loss: 0, duplication: 0, lateness: 0, patience: 5_000 },
  clocks: new Map(),
  appendEvery: 20_000,
  crashEvery: Infinity,
  partitionEvery: Infinity,
  diskTroubleEvery: Infinity,
  disasters: [],
  readers: 0,
}

/** Bugs that real sync engines have had, to be put into every node of a world. */
export const plantedBugs: Readonly<Record<string, PlantedBug>> = {
  'the cursor is durable before the data': {
    within: 200,
    finds: ['L4'],
    plant: {
      store: (store) =>
        override<EventStore>(store, {
          async apply(batch, signal) {
            const { cursor, expects, ...data } = batch
            if (batch.role === 'pushed' || cursor === undefined) return store.apply(batch, signal)
            const moved = await store.apply({ ...batch, changes: [] }, signal)
            return moved.kind === 'reset' ? moved : store.apply(data, signal)
          },
        }),
    },
  },

  'an append is acknowledged before it is flushed': {
    within: 60,
    finds: ['L1'],
    plant: {
      journal: (journal) => ({
        ...journal,
        async append(record) {
          journal.append(record).catch(() => {})
        },
      }),
    },
  },

  'a repeated push is stored once more': {
    within: 60,
    finds: ['S3'],
    plant: {
      store(store) {
        // Once in a life: a hub and its leaf would repeat each other's repeats for ever.
        let done = false
        return override<EventStore>(store, {
          async apply(batch, signal) {
            const known = await store.fetch(batch.changes.map(({ id }) => id))
            const applied = await store.apply(batch, signal)
            if (batch.role === 'pulled' || known.length === 0 || done) return applied
            done = true
            await store.append(known.map(({ id, ...content }) => content))
            return applied
          },
        })
      },
    },
  },

  'a lost answer is taken for a yes': {
    within: 60,
    finds: ['S1', 'S2', 'S4'],
    scenario: {
      links: 'rounds',
      aggregates: manyRooms,
      weather: { delay: 50, loss: 0.25, duplication: 0, lateness: 0, patience: 5_000 },
    },
    plant: {
      transport: (transport) => ({
        ...transport,
        push: (batch, signal) =>
          transport.push(batch, signal).catch(() => ({
            kind: 'applied' as const,
            receipts: batch.changes.map(() => ({ kind: 'stored' as const })),
          })),
      }),
      // Or else the next hello would find out, and start the link over.
      store: (store) =>
        override<EventStore>(store, {
          settle: ({ acknowledged, ...rest }, signal) => store.settle(rest, signal),
        }),
    },
  },

  'a copy or an older backup is never noticed': {
    within: 300,
    finds: ['S1', 'S2', 'S4', 'L4'],
    plant: {
      store: (store) =>
        override<EventStore>(store, {
          confirm: async () => 'agreed',
          renewOrigin: async () => {},
          apply({ as, leftOut, ...unguarded }, signal) {
            return store.apply(unguarded, signal)
          },
        }),
    },
  },

  'heads are remembered from the last append': {
    within: 20,
    finds: ['C1'],
    plant: {
      store(store) {
        const known = new Map<string, readonly EventId[]>()
        return override<EventStore>(store, {
          async heads(aggregateId, signal) {
            const heads = known.get(aggregateId) ?? (await store.heads(aggregateId, signal))
            known.set(aggregateId, heads)
            return heads
          },
          async append(events, options) {
            const appended = await store.append(events, options)
            for (const { aggregateId } of events) known.delete(aggregateId)
            return appended
          },
        })
      },
    },
  },

  'a wake-up is lost': {
    within: 40,
    finds: ['L3'],
    scenario: { readers: 4 },
    plant: {
      store: (store) =>
        override<EventStore>(store, {
          async *watch(signal) {
            let wakeUps = 0
            for await (const wakeUp of store.watch(signal)) if (++wakeUps % 3 !== 0) yield wakeUp
          },
        }),
    },
  },

  'nobody is told that a link starts over': {
    within: 60,
    finds: ['S2'],
    scenario: { links: 'live' },
    plant: {
      store: (store) =>
        override<EventStore>(store, {
          async *watch(signal) {
            let { position } = await store.status(signal)
            for await (const wakeUp of store.watch(signal)) {
              const { position: now } = await store.status(signal)
              if (now > position) yield wakeUp
              position = now
            }
          },
        }),
    },
  },

  'a page of a stream is lost unnoticed': {
    within: 20,
    finds: ['L3'],
    scenario: { readers: 4 },
    plant: {
      transport: (transport) => ({
        ...transport,
        async *subscribe(after, want, signal) {
          let pages = 0
          for await (const page of transport.subscribe?.(after, want, signal) ?? [])
            if (++pages % 4 !== 0) yield page
        },
      }),
    },
  },

  'a stream that is taken up again begins at its last page': {
    within: 20,
    finds: ['L3'],
    scenario: { readers: 4 },
    plant: {
      transport(transport) {
        let last = start
        return {
          ...transport,
          async *subscribe(after, want, signal) {
            const from = after === start ? after : last
            for await (const page of transport.subscribe?.(from, want, signal) ?? []) {
              yield page
              last = after
              if (page.kind === 'page') after = page.cursor
            }
          },
        }
      },
    },
  },

  'what two links bring is stored twice': {
    within: 60,
    finds: ['S3'],
    plant: {
      store(store) {
        let done = false
        return override<EventStore>(store, {
          async apply(batch, signal) {
            const known = await store.fetch(batch.changes.map(({ id }) => id))
            const applied = await store.apply(batch, signal)
            const [twin] = known
            if (batch.role === 'pushed' || twin?.stub !== null || done) return applied
            done = true
            const { id, ...content } = twin
            await store.append([content])
            return applied
          },
        })
      },
    },
  },

  'a receipt is given for what was dropped': {
    within: 60,
    finds: ['L1', 'L4', 'S1', 'S2', 'S4'],
    scenario: { aggregates: manyRooms },
    plant: {
      store: (store) =>
        override<EventStore>(store, {
          async apply(batch, signal) {
            if (batch.role === 'pulled' || batch.changes.length < 2)
              return store.apply(batch, signal)
            const changes = batch.changes.slice(0, -1)
            const applied = await store.apply({ ...batch, changes }, signal)
            if (applied.kind === 'reset') return applied
            return { ...applied, receipts: [...applied.receipts, { kind: 'stored' }] }
          },
        }),
    },
  },

  'the cursor of a page stands past its last change': {
    within: 60,
    finds: ['L4', 'L3', 'S1', 'S2', 'S4'],
    scenario: { aggregates: manyRooms },
    plant: {
      store: (store) =>
        override<EventStore>(store, {
          async changes(after, want, signal) {
            const page = await store.changes(after, want, signal)
            if (page.kind === 'reset' || page.changes.length < 2) return page
            return { ...page, changes: page.changes.slice(0, -1) }
          },
        }),
    },
  },

  'an error of the disk is taken for success': {
    within: 60,
    finds: ['L1', 'L4', 'C1', 'S1', 'S2', 'S4'],
    scenario: { diskTroubleEvery: 3_000, diskTroubleTime: 2_000 },
    plant: {
      journal: (journal) => ({
        ...journal,
        append: (record) => journal.append(record).catch(() => {}),
      }),
    },
  },

  'a retry has no jitter': {
    within: 5,
    finds: ['S2'],
    scenario: hubIsAway,
    plant: { runtime: (runtime) => ({ ...runtime, random: () => 0.999 }) },
  },

  'a tie is kept local': {
    within: 20,
    finds: ['C2'],
    plant: {},
    application: (isPlanted) =>
      names((node) => (isPlanted ? customResolver('mine', keepOf(node)) : lastWriteWins())),
  },

  'an event is folded twice after a restart': {
    within: 20,
    finds: ['C2'],
    plant: {},
    application: counting,
  },

  'a filling is answered duplicate': {
    within: 20,
    finds: ['S1', 'S4', 'L4'],
    scenario: { filters: narrowThenAll },
    plant: {
      store: (store) =>
        override<EventStore>(store, {
          async apply(batch, signal) {
            const known = await store.fetch(batch.changes.map(({ id }) => id))
            const stubs = new Set(known.filter(({ stub }) => stub !== null).map(({ id }) => id))
            // What is here as a stub is taken for known.
            const changes = batch.changes.map((one) => (stubs.has(one.id) ? stubOf(one) : one))
            return store.apply({ ...batch, changes }, signal)
          },
        }),
    },
  },

  'a full event revives an erased one': {
    within: 20,
    finds: ['E1', 'S1', 'L3'],
    scenario: { eraseEvery: 2_000 },
    plant: { store: reviving },
  },

  'an erasure that meets the event is answered duplicate': {
    within: 20,
    finds: ['E1', 'S1', 'L3'],
    scenario: { eraseEvery: 2_000 },
    plant: {
      store: (store) =>
        override<EventStore>(store, {
          async apply(batch, signal) {
            const known = await store.fetch(batch.changes.map(({ id }) => id))
            const full = new Set(known.filter(({ stub }) => stub === null).map(({ id }) => id))
            // The erasure is taken for a stub like any other.
            const changes = batch.changes.map((one) =>
              one.stub === 'erased' && full.has(one.id) ? stubOf(one) : one,
            )
            return store.apply({ ...batch, changes }, signal)
          },
        }),
    },
  },

  'a changed filter keeps its cursor': {
    within: 20,
    finds: ['S1', 'S4', 'L4'],
    scenario: { filters: narrowThenAll },
    plant: {
      store: (store) =>
        override<EventStore>(store, {
          changes(after, want, signal) {
            const point = parseCursor(after)
            const filter = want.filter?.fingerprint ?? ''
            return store.changes(point ? cursorOf({ ...point, filter }) : after, want, signal)
          },
        }),
    },
  },

  'a local position is used as a remote cursor': {
    within: 60,
    finds: ['L4', 'S1', 'S2', 'S4'],
    plant: {
      store: (store) =>
        override<EventStore>(store, {
          async apply(batch, signal) {
            if (batch.role === 'pushed') return store.apply(batch, signal)
            const applied = await store.apply(batch, signal)
            const { end } = await store.identity()
            const cursor = mixed(batch.cursor, end)
            if (applied.kind === 'applied' && cursor !== undefined)
              await store.apply({ via: batch.via, role: 'pulled', changes: [], cursor }, signal)
            return applied
          },
        }),
    },
  },
}

/** People who rename the same few things, and what they are called in the end. */
function names(resolverOf: (node: string) => Resolver): Application<SyncNode> {
  return {
    start: ({ name, store, runtime }) =>
      new SyncNode({ store, runtime, rules: defineRules({ fallback: resolverOf(name) }) }),
    act: (node, { random, number }) =>
      node.append([{ type: 'Named', aggregateId: random.pick(['door', 'lamp']), data: number }]),
    async view(node) {
      const histories = [await node.history('door'), await node.history('lamp')]
      return histories.map((events) => events.map(({ data }) => data))
    },
  }
}

/** What this node has written counts. */
function keepOf(node: string): (conflict: Conflict) => Resolution {
  return ({ branches }) => {
    const own = branches.findIndex(({ head }) => head.origin?.startsWith(`${node}~`))
    return { kind: 'keep', winners: [Math.max(own, 0)] }
  }
}

/** A read model that counts events; with the bug, those that are there at a start count once more. */
function counting(isPlanted: boolean): Application<Counter> {
  return {
    async start({ store, runtime }) {
      const node = new SyncNode({ store, runtime })
      const heads = await Promise.all(['door', 'lamp'].map((id) => node.heads(id)))
      const folded = heads.flat().length
      return { node, twice: isPlanted ? folded : 0 }
    },
    act: ({ node }, { random }) =>
      node.append([{ type: 'Rung', aggregateId: random.pick(['door', 'lamp']), data: null }]),
    async view({ node, twice }) {
      const bells = node.project({ name: 'bells', initial: 0, on: { Rung: (count) => count + 1 } })
      await bells.run()
      const { results } = await bells.list()
      return results.reduce((sum, { value }) => sum + value, twice)
    },
  }
}

interface Counter {
  readonly node: SyncNode
  readonly twice: number
}

/** Until the next start, whoever asks gets the content that came again. */
function reviving(store: EventStore): EventStore {
  const revived = new Map<EventId, LogEvent>()
  const alive = (event: LogEvent) =>
    event.stub === 'erased' ? (revived.get(event.id) ?? event) : event
  return override<EventStore>(store, {
    async apply(batch, signal) {
      const known = await store.fetch(batch.changes.map(({ id }) => id))
      const erased = new Set(known.filter(({ stub }) => stub === 'erased').map(({ id }) => id))
      for (const event of batch.changes)
        if (event.stub === null && erased.has(event.id)) revived.set(event.id, event)
      return store.apply(batch, signal)
    },
    async entries(range, signal) {
      const page = await store.entries(range, signal)
      const entries = page.entries.map((entry) => ({ ...entry, event: alive(entry.event) }))
      return { ...page, entries }
    },
    async changes(after, want, signal) {
      const page = await store.changes(after, want, signal)
      return page.kind === 'reset' ? page : { ...page, changes: page.changes.map(alive) }
    },
    async fetch(ids, signal, filter) {
      return (await store.fetch(ids, signal, filter)).map(alive)
    },
  })
}

export interface PlantedBug {
  readonly plant: Plant
  /** What runs on the nodes, if it is there that the bug is. */
  readonly application?: (isPlanted: boolean) => Application
  /** A world in which the bug has something to break. */
  readonly scenario?: Partial<Scenario>
  /** The checker finds it in one of this many seeds. */
  readonly within: number
  /** What it may show as, first. */
  readonly finds: readonly string[]
}

/** The position of one log under the mark of another. */
function mixed(cursor: Cursor | undefined, end: Cursor): Cursor | undefined {
  const there = parseCursor(cursor ?? '')
  const here = parseCursor(end)
  return there && here && cursorOf({ ...there, position: here.position })
}
