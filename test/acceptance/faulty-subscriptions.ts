import type { ChangePage, LiveWant, Transport } from '../../src/contracts/index.ts'
import type { LogEvent, Origin } from '../../src/event/index.ts'
import type { TransportFixture } from '../../src/testing/acceptance/transport/fixture.ts'
import { override } from '../../src/testing/simulator/override.ts'
import { type Cursor, start } from '../../src/version/index.ts'
import { memoryTransportFixture } from './memory-transport-fixture.ts'

type Pages = AsyncIterable<ChangePage<LogEvent>>
type Subscribe = (after: Cursor, want: LiveWant, signal: AbortSignal) => Pages

/** Transports whose subscriptions have one fault each, and the tests of the suite that must notice it. */
export const faultySubscriptions: readonly {
  readonly fixture: TransportFixture
  readonly noticed: readonly string[]
}[] = [
  {
    fixture: faulty(
      'catches up, then follows from wherever the end is by then',
      (right, transport) =>
        async function* (after, want, signal) {
          for (let cursor = after; ; ) {
            const page = await transport.pull(cursor, want, signal)
            yield page
            if (page.kind === 'reset') return
            cursor = page.cursor
            if (!page.more) break
          }
          const { end } = await transport.hello({ origin: 'faulty~0123456789abcdef' as Origin })
          let isFirst = true
          for await (const page of right(end, want, signal)) {
            if (!isFirst) yield page
            isFirst = false
          }
        },
    ),
    noticed: ['L3: what is committed where catching up ends is not lost'],
  },
  {
    fixture: faulty(
      'says nothing until there is something',
      (right) =>
        async function* (after, want, signal) {
          for await (const page of right(after, want, signal))
            if (page.kind === 'reset' || page.changes.length > 0) yield page
        },
    ),
    noticed: ['the first page comes at once, also when there is nothing'],
  },
  {
    fixture: faulty(
      'gives each page twice',
      (right) =>
        async function* (after, want, signal) {
          for await (const page of right(after, want, signal)) {
            yield page
            yield page
          }
        },
    ),
    noticed: [
      'a page after the first has another cursor than the one before',
      'L3: what is there comes page by page, then what is committed',
    ],
  },
  {
    fixture: faulty(
      'begins where its caller does not stand',
      (right) => (_, want, signal) => right(start, want, signal),
    ),
    noticed: ['goes on after the cursor of the last page'],
  },
  {
    fixture: faulty(
      'starts over instead of saying that it was reset',
      (right) =>
        async function* (after, want, signal) {
          for await (const page of right(after, want, signal))
            if (page.kind === 'reset') yield* right(start, want, signal)
            else yield page
        },
    ),
    noticed: ['S4: it ends after a reset'],
  },
  {
    fixture: faulty(
      'takes no notice of signals',
      (right) => (after, want) => right(after, want, new AbortController().signal),
    ),
    noticed: [
      'with an aborted signal it rejects with its reason and asks nobody',
      'it rejects with the reason of a signal that aborts while it waits',
    ],
  },
  {
    fixture: faulty(
      'ends quietly when it breaks',
      (right) =>
        async function* (after, want, signal) {
          try {
            yield* right(after, want, signal)
          } catch {}
        },
    ),
    noticed: [
      'S2: trouble of the other end rejects as worth repeating',
      'it ends with closed when its transport closes',
    ],
  },
  {
    fixture: faulty(
      'keeps only the newest page for a slow reader',
      (right) =>
        async function* (after, want, signal) {
          const kept: ChangePage<LogEvent>[] = []
          let came = Promise.withResolvers<void>()
          const reading = (async () => {
            for await (const page of right(after, want, signal)) {
              if (kept.push(page) > 2) kept.shift()
              came.resolve()
            }
          })()
          const over = reading.then(
            () => 'over',
            (error) => Promise.reject(error),
          )
          over.catch(() => {})
          for (;;) {
            const page = kept.shift()
            if (page !== undefined) {
              yield page
              continue
            }
            came = Promise.withResolvers()
            if ((await Promise.race([came.promise, over])) === 'over' && kept.length === 0) return
          }
        },
    ),
    noticed: ['S5: one who does not read holds up nobody, and misses nothing'],
  },
  {
    fixture: faulty('waits with each page until everybody has taken the last', inStep()),
    noticed: ['S5: one who does not read holds up nobody, and misses nothing'],
  },
  {
    fixture: faulty(
      'leaves out what came from a push',
      (right) =>
        async function* (after, want, signal) {
          for await (const page of right(after, want, signal))
            yield page.kind === 'page'
              ? {
                  ...page,
                  changes: page.changes.filter(({ origin }) => !origin?.startsWith('there')),
                }
              : page
        },
    ),
    noticed: ['what the reader itself has pushed is in it'],
  },
  {
    fixture: faulty(
      'takes no notice of filters in subscriptions',
      (right) =>
        (after, { filter: _, ...want }, signal) =>
          right(after, want, signal),
    ),
    noticed: ['a filter leaves out other aggregates, and the cursor moves past them'],
  },
]

/** Subscriptions that are only as fast as the slowest. */
function inStep(): (right: Subscribe) => Subscribe {
  const taken = new Set<{ pages: number; signal: AbortSignal }>()
  return (right) =>
    async function* (after, want, signal) {
      const mine = { pages: 0, signal }
      taken.add(mine)
      try {
        for await (const page of right(after, want, signal)) {
          while ([...taken].some((other) => other.pages < mine.pages - 2)) {
            signal.throwIfAborted()
            await new Promise((resolve) => setImmediate(resolve))
          }
          yield page
          mine.pages++
        }
      } finally {
        taken.delete(mine)
      }
    }
}

function faulty(
  name: string,
  fault: (right: Subscribe, transport: Transport<LogEvent>) => Subscribe,
): TransportFixture {
  return memoryTransportFixture({
    name,
    patience: 100,
    wrap(transport) {
      const { subscribe } = transport
      if (subscribe === undefined) throw new Error('the transport beneath is live')
      return override(transport, { subscribe: fault(subscribe, transport) })
    },
  })
}
