import { causalityOf, concurrent, defineRules, effectiveHistory } from '../src/conflict/index.ts'
import type { EventId, LogEvent } from '../src/event/index.ts'
import type { Benchmark, Case, Contestant, Parameters, Sample, Side } from './benchmark.ts'
import { type GraphName, graphs } from './graphs.ts'
import { randomNumbers } from './workload.ts'

/** What it costs to know who knew of whom, and to fold a history by it. */
export const causality: Benchmark = {
  id: 'P14',
  title: 'causality',
  cases(scale) {
    const sizes = { line: 10_000, heads: 10_000, forks: 26_000 } as const
    return (Object.keys(sizes) as GraphName[]).flatMap((graph): readonly Case[] => {
      const events = Math.ceil(sizes[graph] * scale)
      const parameters = { graph, events }
      const told = `${events.toLocaleString('en')} events, ${shapes[graph]}`
      return [
        ...['additive', 'last-write-wins', 'merge-fields'].map(
          (resolver): Case => ({
            name: `history, ${graph}, ${resolver}`,
            work: `the effective history of ${told}, by ${resolver}`,
            ours: { side: 'history', parameters: { ...parameters, resolver } },
            floor: { side: 'sort', label: 'each once, sorted by stamp', parameters },
            aim: { of: 'speed' },
          }),
        ),
        {
          name: `concurrent, ${graph}`,
          work: `whether two random ones of ${told}, are concurrent`,
          ours: { side: 'vectors', parameters },
          floor: { side: 'walk', label: 'walking all ancestors', parameters },
          aim: { of: 'speed' },
        },
        {
          name: `newest, ${graph}`,
          work: `whether the two newest of ${told}, are concurrent, looked up one by one`,
          ours: { side: 'newest', parameters },
          floor: { side: 'walkNewest', label: 'walking all ancestors', parameters },
          aim: { of: 'speed' },
        },
      ]
    })
  },
  sides: {
    history: side((events, { resolver }) => {
      const rules = defineRules({ fallback: String(resolver) })
      return repeated(20, events.length, () => effectiveHistory(events, rules).events.length)
    }),
    // What is left when nobody asks who knew of whom: each event once, in an order.
    sort: side((events) =>
      repeated(20, events.length, () => {
        const each = [...byId(events).values()]
        const sorted = each.sort((one, other) => (one.stamp < other.stamp ? -1 : 1))
        return sorted.map((event) => ({ event, type: event.type })).length
      }),
    ),
    vectors: side((events) => {
      const known = causalityOf(events)
      return asking(events, 200_000, (one, other) => known.concurrent(one.id, other.id))
    }),
    walk: side((events) => {
      const all = byId(events)
      return asking(events, 200, (one, other) => !areRelated(one, other, all))
    }),
    newest: side((events) => {
      const all = byId(events)
      const [one, other] = newestOf(events)
      return repeated(200_000, 1, () => Number(concurrent(one, other, (id) => all.get(id))))
    }),
    walkNewest: side((events) => {
      const all = byId(events)
      const [one, other] = newestOf(events)
      return repeated(200, 1, () => Number(!areRelated(one, other, all)))
    }),
  },
}

const shapes: Readonly<Record<GraphName, string>> = {
  line: 'one writer',
  heads: 'one writer and two heads',
  forks: 'two people who fork and merge every dozen',
}

type Work = (events: readonly LogEvent[], parameters: Parameters) => () => Sample

function side(work: Work): Side {
  return async (parameters): Promise<Contestant> => {
    const events = graphs[parameters.graph as GraphName](Number(parameters.events))
    const once = work(events, parameters)
    return { round: async () => once(), close: async () => {} }
  }
}

function repeated(times: number, events: number, once: () => number): () => Sample {
  return () => {
    const begin = performance.now()
    let sum = 0
    for (let left = times; left > 0; left--) sum += once()
    const milliseconds = performance.now() - begin
    return { events: times * events, milliseconds, notes: { answers: sum } }
  }
}

function asking(
  events: readonly LogEvent[],
  times: number,
  ask: (one: LogEvent, other: LogEvent) => boolean,
): () => Sample {
  return () => {
    const random = randomNumbers(2)
    const any = () => events[random(events.length)] as LogEvent
    return repeated(times, 1, () => Number(ask(any(), any())))()
  }
}

/** As one would write it first. */
function areRelated(one: LogEvent, other: LogEvent, all: ReadonlyMap<EventId, LogEvent>): boolean {
  const reaches = (from: LogEvent, target: LogEvent) => {
    const seen = new Set<EventId>([from.id])
    for (const id of seen) {
      if (id === target.id) return true
      for (const parent of all.get(id)?.parents ?? []) seen.add(parent)
    }
    return false
  }
  return reaches(one, other) || reaches(other, one)
}

function byId(events: readonly LogEvent[]): ReadonlyMap<EventId, LogEvent> {
  return new Map(events.map((event) => [event.id, event]))
}

function newestOf(events: readonly LogEvent[]): [LogEvent, LogEvent] {
  return [events.at(-1) as LogEvent, events.at(-2) as LogEvent]
}
