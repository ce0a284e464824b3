import type { Page, PullWant, Transport } from '../../src/contracts/index.ts'
import type { LogEvent } from '../../src/event/index.ts'
import type { TransportFixture } from '../../src/testing/acceptance/transport/fixture.ts'
import { override } from '../../src/testing/simulator/override.ts'
import { type Cursor, start } from '../../src/version/index.ts'
import { memoryTransportFixture } from './memory-transport-fixture.ts'

/** Transports with one fault each, and the tests of the suite that must notice it. */
export const faultyTransports: readonly {
  readonly fixture: TransportFixture
  readonly noticed: readonly string[]
}[] = [
  {
    fixture: faulty('loses a push and answers that it is stored', () => ({
      push: async ({ changes }) => ({
        kind: 'applied',
        receipts: changes.map(() => ({ kind: 'stored' })),
      }),
    })),
    noticed: ['S1: what is pushed is in the log, whole and in its order'],
  },
  {
    fixture: faulty('loses the last event of a push', (transport) => ({
      async push(batch, signal) {
        const answer = await transport.push(
          { ...batch, changes: batch.changes.slice(0, -1) },
          signal,
        )
        return answer.kind === 'reset' || batch.changes.length === 0
          ? answer
          : { ...answer, receipts: [...answer.receipts, { kind: 'stored' }] }
      },
    })),
    noticed: ['S1: what is pushed is in the log, whole and in its order'],
  },
  {
    fixture: faulty('gives receipts in another order', (transport) => ({
      async push(batch, signal) {
        const answer = await transport.push(batch, signal)
        if (answer.kind === 'reset') return answer
        return { ...answer, receipts: answer.receipts.toReversed() }
      },
    })),
    noticed: ['a receipt arrives as it was given: stored and duplicate'],
  },
  {
    fixture: faulty('repeats the last event of a page on the next one', (transport) => {
      const last = new Map<Cursor, LogEvent>()
      return pages(transport, (page, after) => {
        const repeated = last.get(after)
        const end = page.changes.at(-1)
        if (end !== undefined) last.set(page.cursor, end)
        return repeated && page.changes.length > 0
          ? { ...page, changes: [repeated, ...page.changes] }
          : page
      })
    }),
    noticed: ['L3: pages by count give every event once, in order'],
  },
  {
    fixture: faulty('skips an event at the edge of a page', (transport) =>
      pages(transport, (page) =>
        page.more && page.changes.length > 1
          ? { ...page, changes: page.changes.slice(0, -1) }
          : page,
      ),
    ),
    noticed: [
      'L3: pages by count give every event once, in order',
      'L3: another transport goes on where one ended',
    ],
  },
  {
    fixture: faulty('stays where it is on an empty page', (transport) =>
      pages(transport, (page, after) =>
        page.changes.length === 0 ? { ...page, cursor: after } : page,
      ),
    ),
    noticed: ['L3: a page that leaves everything out still moves its cursor to the end'],
  },
  {
    fixture: faulty('never moves its cursor', (transport) =>
      pages(transport, (page, after) => ({ ...page, cursor: after })),
    ),
    noticed: [
      'L3: pages by count give every event once, in order',
      'L3: another transport goes on where one ended',
    ],
  },
  {
    fixture: faulty('ignores aborts', (transport) => ({
      hello: (mine) => transport.hello(mine),
      push: (batch) => transport.push(batch),
      pull: (after, want) => transport.pull(after, want),
    })),
    noticed: ['hello', 'push', 'pull', 'pull by ids'].flatMap((call) => [
      `${call} with an aborted signal rejects with its reason and asks nobody`,
      `${call} rejects with the reason of a signal that aborts while the answer is waited for`,
    ]),
  },
  {
    fixture: faulty('gives as many events as there are', (transport) => ({
      pull: (after, want, signal) => transport.pull(after, { ...want, count: 1_000 }, signal),
    })),
    noticed: ['a page holds no more events than were asked for'],
  },
  {
    fixture: faulty('gives as many bytes as there are', (transport) => ({
      pull: (after, want, signal) => transport.pull(after, { ...want, bytes: 2 ** 30 }, signal),
    })),
    noticed: ['L3: pages by bytes end with the event that reaches them, at least one'],
  },
  {
    fixture: faulty('takes a push of any size', (transport, { limits }) => ({
      async push(batch, signal) {
        const first = batch.changes.slice(0, limits.count)
        const answer = await transport.push({ ...batch, changes: first }, signal)
        if (answer.kind === 'reset') return answer
        const receipts = batch.changes.map(
          (_, at) => answer.receipts[at] ?? { kind: 'stored' as const },
        )
        return { ...answer, receipts }
      },
    })),
    noticed: ['X1: more than the other end takes is refused whole'],
  },
  {
    fixture: faulty('takes no notice of ids', (transport) => ({
      pull: (after, { ids: _, ...want }, signal) => transport.pull(after, want, signal),
    })),
    noticed: ['a pull by ids gives just those that are there, and its cursor back'],
  },
  {
    fixture: faulty('takes no notice of whom to leave out', (transport) => ({
      pull: (after, { notVia: _, ...want }, signal) => transport.pull(after, want, signal),
    })),
    noticed: ['L3: a page that leaves everything out still moves its cursor to the end'],
  },
  {
    fixture: faulty('takes no notice of filters', (transport) => ({
      pull: (after, { filter: _, ...want }, signal) => transport.pull(after, want, signal),
    })),
    noticed: ['a filter leaves out other aggregates and withholds other content'],
  },
  {
    fixture: faulty('answers a reset with an empty page', (transport) => ({
      async pull(after, want, signal) {
        const page = await transport.pull(after, want, signal)
        return page.kind === 'page'
          ? page
          : { kind: 'page', changes: [], cursor: after, more: false }
      },
    })),
    noticed: ['S4: a cursor that the other end never gave is answered with reset'],
  },
  {
    fixture: faulty('forgets what it knows of a peer when it answers reset', (transport) => ({
      async push(batch, signal) {
        const answer = await transport.push(batch, signal)
        if (answer.kind === 'applied' || answer.standing === undefined) return answer
        const you = { ...answer.standing.you, received: start }
        return { ...answer, standing: { ...answer.standing, you } }
      },
    })),
    noticed: ['S4: a reset that says how the other end stands says what hello would'],
  },
  {
    fixture: faulty('rejects with errors that say nothing', (transport) => {
      const dumb =
        <Args extends unknown[], T>(call: (...args: Args) => Promise<T>) =>
        (...args: Args) =>
          call(...args).catch((error: Error) => {
            throw new Error(error.message)
          })
      return {
        hello: dumb(transport.hello),
        push: dumb(transport.push),
        pull: dumb(transport.pull),
      }
    }),
    noticed: [
      'S2: push while the other end is in passing trouble rejects as worth repeating, and then works',
    ],
  },
  {
    fixture: faulty('goes on after it was closed', () => ({ close: async () => {} })),
    noticed: [
      'pull after the close rejects with closed and asks nobody',
      'pull that is under way ends when its transport closes',
    ],
  },
  {
    fixture: faulty('reads payloads and writes them again', (transport) =>
      pages(transport, (page) => ({
        ...page,
        changes: page.changes.map((event) =>
          override(event, { dataText: JSON.stringify(event.data) } as Partial<LogEvent>),
        ),
      })),
    ),
    noticed: ['data that is an int64 is pulled character for character'],
  },
  {
    fixture: faulty('answers one call with the answer of another', (transport) => {
      let shared: ReturnType<Transport<LogEvent>['pull']> | undefined
      return {
        pull(after: Cursor, want: PullWant, signal?: AbortSignal) {
          const pull = () => {
            shared = transport.pull(after, want, signal).finally(() => {
              shared = undefined
            })
            return shared
          }
          return shared !== undefined && after === start ? shared : pull()
        },
      }
    }),
    noticed: ['calls made at once each get their own answer'],
  },
]

function faulty(
  name: string,
  methods: (
    transport: Transport<LogEvent>,
    setup: Parameters<TransportFixture['connect']>[1],
  ) => Partial<Transport<LogEvent>>,
): TransportFixture {
  return memoryTransportFixture({
    name,
    patience: 50,
    wrap: (transport, setup) => override(transport, methods(transport, setup)),
  })
}

/** A transport whose pages are changed on their way. */
function pages(
  transport: Transport<LogEvent>,
  change: (page: Page<LogEvent>, after: Cursor) => Page<LogEvent>,
): Partial<Transport<LogEvent>> {
  return {
    async pull(after, want, signal) {
      const page = await transport.pull(after, want, signal)
      return page.kind === 'page' ? change(page, after) : page
    },
  }
}
