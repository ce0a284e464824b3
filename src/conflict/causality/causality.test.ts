import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LogEvent } from '../../event/index.ts'
import { eventWith, histories, stubFor } from '../fixtures/histories.ts'
import { Oracle } from '../fixtures/oracle.ts'
import { causalityOf } from './causality.ts'
import { concurrent } from './concurrent.ts'

const runs = { numRuns: Number(process.env.REJOIN_RUNS ?? 300) }

describe('concurrent (C1)', () => {
  it('is what a brute-force happens-before says, of every pair, whoever is asked', () => {
    fc.assert(
      fc.property(histories(), (events) => {
        const oracle = new Oracle(events)
        const causality = causalityOf(events)
        const byId = new Map(events.map((event) => [event.id, event]))
        for (const one of events)
          for (const other of events) {
            const expected = oracle.concurrent(one, other)
            expect(causality.concurrent(one.id, other.id)).toBe(expected)
            expect(concurrent(one, other, (id) => byId.get(id))).toBe(expected)
            expect(causality.isBefore(one.id, other.id)).toBe(oracle.isBefore(one, other))
          }
      }),
      runs,
    )
  })

  it('was asked about histories that are worth it', () => {
    const tally = {
      pairs: 0,
      concurrent: 0,
      wide: 0,
      crissCross: 0,
      stubs: 0,
      known: 0,
      orphans: 0,
    }
    for (const events of fc.sample(histories(), { numRuns: 300, seed: 1 })) count(events, tally)
    expect(tally.concurrent / tally.pairs).toBeGreaterThan(0.3)
    for (const [what, times] of Object.entries(tally)) expect(times, what).toBeGreaterThan(50)
  })

  it('is not so of ids that nobody knows, and of an event and itself', () => {
    const [one, other] = [eventWith({ id: '1' }), eventWith({ id: '2' })]
    const causality = causalityOf([one])
    expect(causality.concurrent(one.id, other.id)).toBe(false)
    expect(causality.concurrent(one.id, one.id)).toBe(false)
    expect(concurrent(one, one, () => one)).toBe(false)
    const elsewhere = eventWith({ id: '2', aggregateId: 'b' })
    expect(concurrent(one, elsewhere, () => undefined)).toBe(false)
  })

  it.each([
    ['', 0],
    [', where a filter has left stubs', 3],
    [', where it has left nothing else', 1],
  ])('looks at what was written since, not at the history%s', (_, every) => {
    const filtered = (event: LogEvent, at: number) =>
      every > 0 && at % every === 0 ? stubFor(event) : event
    const events = line(10_000).map(filtered)
    const heads = ['left', 'right']
      .map((id) => eventWith({ id, stamp: 20_000, parents: [events.at(-1)!.id] }))
      .map(filtered)
    const byId = new Map([...events, ...heads].map((event) => [event.id, event]))
    let looks = 0
    const eventOf = (id: LogEvent['id']) => {
      looks++
      return byId.get(id)
    }
    expect(concurrent(heads[0]!, heads[1]!, eventOf)).toBe(true)
    expect(concurrent(heads[0]!, events.at(-1)!, eventOf)).toBe(false)
    expect(concurrent(heads[0]!, events.at(-2)!, eventOf)).toBe(false)
    expect(looks).toBeLessThan(5)
  })
})

describe('effective order', () => {
  it('is topological with ties by stamp, origin and id', () => {
    fc.assert(
      fc.property(histories(), (events) => {
        expect(ids(causalityOf(events).order)).toEqual(ids(new Oracle(events).order()))
      }),
      runs,
    )
  })

  it('holds where clocks went wrong: parents come first, whatever the stamps say', () => {
    const stamps = fc.array(fc.nat({ max: 20 }), { minLength: 30, maxLength: 30 })
    fc.assert(
      fc.property(histories(), stamps, (history, stamps) => {
        const events = history.map((event, at) =>
          eventWith({ id: event.id, parents: event.parents, stamp: stamps[at]! }),
        )
        const oracle = new Oracle(events)
        expect(ids(causalityOf(events).order)).toEqual(ids(oracle.order()))
        for (const one of events)
          for (const other of events)
            expect(causalityOf(events).concurrent(one.id, other.id)).toBe(
              oracle.concurrent(one, other),
            )
      }),
      { numRuns: 30 },
    )
  })

  it('is one even where parents go round in a circle, which only a liar writes', () => {
    const [a, b, c] = [
      eventWith({ id: 'a', parents: ['c'], stamp: 3 }),
      eventWith({ id: 'b', parents: ['a'], stamp: 2 }),
      eventWith({ id: 'c', parents: ['b', 'c'], stamp: 4 }),
    ]
    const expected = ['b', 'c', 'a']
    expect(ids(causalityOf([a, b, c]).order)).toEqual(expected)
    expect(ids(causalityOf([c, b, a]).order)).toEqual(expected)
  })
})

describe('heads', () => {
  it('are the events that nobody names', () => {
    const events = [
      eventWith({ id: 'a' }),
      eventWith({ id: 'b', parents: ['a'], stamp: 1 }),
      eventWith({ id: 'c', parents: ['a'], stamp: 2 }),
      eventWith({ id: 'o', origin: null }),
    ]
    expect(ids(causalityOf(events).heads)).toEqual(['o', 'b', 'c'])
  })
})

describe('of a long history', () => {
  it('100,000 events in a row are one chain, however shuffled', () => {
    const events = line(100_000)
    const shuffled = events.toSorted((one, other) => (one.id < other.id ? -1 : 1))
    const { order, heads, isBefore } = bound(causalityOf(shuffled))
    expect(order).toEqual(events)
    expect(heads).toEqual([events.at(-1)])
    expect(isBefore(events[0]!.id, events.at(-1)!.id)).toBe(true)
    expect(isBefore(events.at(-1)!.id, events[0]!.id)).toBe(false)
  })

  it('100,000 events with stamps that go backwards are too', () => {
    const events = line(100_000, (at) => 100_000 - at)
    expect(causalityOf(events.toReversed()).order).toEqual(events)
  })

  it('5,000 nodes that write at once, all merge, and write again', () => {
    const round = (name: string, parents: readonly string[], stamp: number) =>
      Array.from({ length: 5_000 }, (_, at) =>
        eventWith({ id: `${name}${at}`, parents, stamp: stamp + at, origin: `n${at}` }),
      )
    const first = round('first', [], 0)
    const merge = eventWith({ id: 'merge', parents: ids(first), stamp: 9_000 })
    const second = round('second', ['merge'], 10_000)
    const { concurrent, isBefore } = bound(causalityOf([...first, merge, ...second]))
    expect(concurrent(first[0]!.id, first[4_999]!.id)).toBe(true)
    expect(concurrent(second[0]!.id, second[4_999]!.id)).toBe(true)
    expect(isBefore(first[17]!.id, second[18]!.id)).toBe(true)
  })
})

function line(length: number, stampOf = (at: number) => at): readonly LogEvent[] {
  return Array.from({ length }, (_, at) =>
    eventWith({ id: `${at}`, parents: at === 0 ? [] : [`${at - 1}`], stamp: stampOf(at) }),
  )
}

function ids(events: readonly LogEvent[]): readonly string[] {
  return events.map(({ id }) => id)
}

function bound(causality: ReturnType<typeof causalityOf>) {
  const { order, heads } = causality
  const isBefore = causality.isBefore.bind(causality)
  return { order, heads, isBefore, concurrent: causality.concurrent.bind(causality) }
}

function count(events: readonly LogEvent[], tally: Record<string, number>): void {
  const oracle = new Oracle(events)
  const add = (what: string, times: number) => {
    tally[what] = (tally[what] ?? 0) + times
  }
  const pairs = events.flatMap((one, at) =>
    events.slice(at + 1).map((other) => [one, other] as const),
  )
  add('pairs', pairs.length)
  add('concurrent', pairs.filter(([one, other]) => oracle.concurrent(one, other)).length)
  const isWide = pairs.some(
    ([one, other]) =>
      oracle.concurrent(one, other) &&
      events.some((third) => oracle.concurrent(one, third) && oracle.concurrent(other, third)),
  )
  add('wide', isWide ? 1 : 0)
  const merges = events.filter(({ parents }) => parents.length > 1)
  const isCrissCross = merges.some((one) =>
    merges.some(
      (other) =>
        oracle.concurrent(one, other) &&
        events
          .filter((event) => oracle.isBefore(event, one) && oracle.isBefore(event, other))
          .some((event, _, common) => common.some((also) => oracle.concurrent(event, also))),
    ),
  )
  add('crissCross', isCrissCross ? 1 : 0)
  const named = new Set(events.flatMap(({ parents }) => parents))
  add('stubs', events.filter(({ id, stub }) => stub !== null && named.has(id)).length)
  add('known', events.filter(({ id, origin }) => origin === null && named.has(id)).length)
  add('orphans', events.filter(({ origin }) => origin === null).length)
}
