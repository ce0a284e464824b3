import type { EventStore } from '../../src/contracts/index.ts'
import { override, type Plant, type Scenario } from '../../src/testing/index.ts'
import { start } from '../../src/version/index.ts'

/** A bug that stands between the parts of a node: of a peer, a network or a program that no patch of ours can make. */
export interface PlantedBug {
  readonly plant: Plant
  /** A world in which the bug has something to break. */
  readonly scenario?: Partial<Scenario>
  /** The checker finds it in one of this many seeds. */
  readonly within: number
  /** What it may show as, first. */
  readonly finds: readonly string[]
}

// So that an event that is lost is not brought along as the parent of the next one.
const manyRooms = Array.from({ length: 20 }, (_, at) => `room ${at}`)

/** Bugs that real sync engines have had, to be put into every node of a world. More are patches of the source. */
export const plantedBugs = {
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
} satisfies Readonly<Record<string, PlantedBug>>
