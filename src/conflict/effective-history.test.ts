import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LogEvent } from '../event/index.ts'
import { type EffectiveHistory, effectiveHistory, historyOf } from './effective-history.ts'
import { eventWith, histories, stubFor } from './fixtures/histories.ts'
import { Oracle } from './fixtures/oracle.ts'
import { defineRules } from './rules/define-rules.ts'

const runs = { numRuns: Number(process.env.REJOIN_RUNS ?? 300) }

const ruleSets = {
  additive: defineRules({}),
  'last write wins': defineRules({ fallback: 'last-write-wins' }),
  'first write wins': defineRules({ fallback: 'first-write-wins' }),
  'merge of fields': defineRules({ fallback: 'merge-fields' }),
  review: defineRules({ fallback: 'manual-review' }),
  'one scope': defineRules({ conflictKey: 'aggregate', fallback: 'merge-fields' }),
  'rules by content': defineRules({
    rules: [
      { name: 'equal', when: { relation: 'equal' }, resolve: 'first-write-wins' },
      { name: 'x', when: { field: 'x', not: { origin: 'n1' } }, resolve: 'last-write-wins' },
    ],
    fallback: 'merge-fields',
  }),
}

const oftenEqual = histories({ alike: true })

describe.each(Object.entries(ruleSets))('an effective history by %s', (name, rules) => {
  const some = name === 'rules by content' ? oftenEqual : histories()

  it('is a function of the set: in every order, grouping and repetition, byte for byte (C2)', () => {
    const shuffles = fc.infiniteStream(fc.nat({ max: 1_000_000 }))
    fc.assert(
      fc.property(some, shuffles, (events, random) => {
        const expected = bytesOf(effectiveHistory(events, rules))
        const next = () => random.next().value as number
        for (let round = 0; round < 3; round++) {
          const arrived = shuffled([...events, ...events.filter(() => next() % 3 === 0)], next)
          // As a store hands them out again: other objects, the same facts.
          const copies = arrived.map((event) => eventWithSameBytes(event))
          expect(bytesOf(effectiveHistory(copies, rules))).toBe(expected)
        }
      }),
      { numRuns: Math.ceil(runs.numRuns / 3) },
    )
  })

  it('is the same when content comes in after its stub', () => {
    fc.assert(
      fc.property(some, (events) => {
        const full = events.filter(({ stub }) => stub === null)
        const late = [...full.map(stubFor), ...events, ...full.map(stubFor)]
        expect(bytesOf(effectiveHistory(late, rules))).toBe(
          bytesOf(effectiveHistory(events, rules)),
        )
      }),
      { numRuns: 50 },
    )
  })

  it('gives several aggregates at once what it gives each alone', () => {
    fc.assert(
      fc.property(some, some, (one, other) => {
        const elsewhere = other.map((event) =>
          eventWithSameBytes(event, { aggregateId: 'b', prefix: 'b-' }),
        )
        const both = effectiveHistory([...one, ...elsewhere], rules)
        for (const [id, events] of [
          ['a', one],
          ['b', elsewhere],
        ] as const) {
          const part = {
            events: both.events.filter(({ event }) => event.aggregateId === id),
            conflicts: both.conflicts.filter(({ conflict }) => conflict.aggregateId === id),
          }
          expect(bytesOf(part)).toBe(bytesOf(effectiveHistory(events, rules)))
        }
      }),
      { numRuns: 50 },
    )
  })
})

it('by rules that look at content is decided by each of them', () => {
  const rules = ruleSets['rules by content']
  const times = () => ({ ...rules.statistics().decided, none: rules.statistics().fallbacks })
  const before: Readonly<Record<string, number>> = times()
  // Always the same ones: how often something as rare as equal branches comes up is no matter of luck.
  for (const events of fc.sample(oftenEqual, { numRuns: 100, seed: 1 }))
    effectiveHistory(events, rules)
  const after = Object.entries(times())
  expect(after.map(([name]) => name)).toEqual(['equal', 'x', 'none'])
  for (const [name, count] of after) expect(count - before[name]!, name).toBeGreaterThan(10)
})

describe('conflicts', () => {
  it('are the components of the concurrency graph, branches and open ends as defined', () => {
    const tally = { conflicts: 0, three: 0, shared: 0, settled: 0, open: 0 }
    fc.assert(
      fc.property(histories(), (events) => {
        const oracle = new Oracle(events)
        const { conflicts } = effectiveHistory(events)
        const found = conflicts.map(({ conflict: { events, branches } }) => ({
          events: ids(events),
          branches: branches.map((branch) => ids(branch.events)),
        }))
        expect(found).toEqual(oracle.conflicts())
        for (const { conflict, settledBy } of conflicts) {
          const heads = conflict.branches.map(({ head }) => head.id)
          expect(settledBy).toBe(oracle.above(heads)[0])
          const lengths = conflict.branches.reduce((sum, { events }) => sum + events.length, 0)
          tally.conflicts++
          if (heads.length > 2) tally.three++
          if (lengths > conflict.events.length) tally.shared++
          if (settledBy === undefined) tally.open++
          else tally.settled++
        }
      }),
      runs,
    )
    for (const [what, times] of Object.entries(tally)) expect(times, what).toBeGreaterThan(0)
  })

  it('leave out what is superseded, and nothing else', () => {
    fc.assert(
      fc.property(histories(), (events) => {
        const oracle = new Oracle(events)
        const history = effectiveHistory(events, ruleSets['last write wins'])
        const lost = oracle.conflicts().flatMap(({ events, branches }) => {
          return events.filter((id) => !branches.at(-1)!.includes(id))
        })
        const expected = oracle
          .order()
          .filter(({ id, stub }) => stub === null && !lost.includes(id))
        expect(history.events.map(({ event }) => event.id)).toEqual(ids(expected))
        expect(history.conflicts.flatMap(({ superseded }) => superseded).toSorted()).toEqual(
          lost.toSorted(),
        )
      }),
      runs,
    )
  })

  it('are none without causality: such an event takes its place by stamp', () => {
    const { events, conflicts } = effectiveHistory([
      eventWith({ id: 'late', origin: null, stamp: 9 }),
      eventWith({ id: 'one', stamp: 5 }),
      eventWith({ id: 'early', origin: null, stamp: 1 }),
    ])
    expect(events.map(({ event }) => event.id)).toEqual(['early', 'one', 'late'])
    expect(conflicts).toEqual([])
  })

  it('are none between types, unless the key says so', () => {
    const apart = [eventWith({ id: '1', type: 'A' }), eventWith({ id: '2', type: 'B' })]
    expect(effectiveHistory(apart).conflicts).toEqual([])
    const { conflicts } = effectiveHistory(apart, ruleSets['one scope'])
    expect(conflicts.map(({ conflict }) => conflict.branches.length)).toEqual([2])
  })

  it('are found across a stub, which is in none itself', () => {
    const root = eventWith({ id: 'root' })
    const hidden = stubFor(eventWith({ id: 'hidden', parents: ['root'], stamp: 1 }))
    const below = eventWith({ id: 'below', parents: ['hidden'], stamp: 2 })
    const beside = eventWith({ id: 'beside', parents: ['root'], stamp: 3 })
    const { events, conflicts } = effectiveHistory([root, hidden, below, beside])
    expect(conflicts.map(({ conflict }) => ids(conflict.events))).toEqual([['below', 'beside']])
    expect(conflicts[0]?.conflict.base.map(({ event }) => event.id)).toEqual(['root'])
    expect(events.map(({ event }) => event.id)).toEqual(['root', 'below', 'beside'])
  })

  it('have as base what counts before them, as it was resolved', () => {
    const first = [
      eventWith({ id: 'a1', data: { v: 1 }, stamp: 1 }),
      eventWith({ id: 'b1', data: { v: 2 }, stamp: 2 }),
    ]
    const settling = eventWith({ id: 'm', parents: ['a1', 'b1'], stamp: 3, data: { v: 3 } })
    const second = ['a2', 'b2'].map((id, at) =>
      eventWith({ id, parents: ['m'], stamp: 4 + at, data: { v: 4 + at } }),
    )
    const events = [...first, settling, ...second]
    const { conflicts } = effectiveHistory(events, ruleSets['last write wins'])
    expect(conflicts.map(({ settledBy }) => settledBy)).toEqual(['m', undefined])
    expect(conflicts[0]?.conflict.base).toEqual([])
    expect(conflicts[1]?.conflict.base.map(({ event }) => event.id)).toEqual(['b1', 'm'])
    const merged = effectiveHistory(events, ruleSets['merge of fields']).conflicts[1]
    expect(merged?.conflict.base[0]).toMatchObject({ data: { v: 2 }, type: 'A' })
  })
})

describe('a conflict', () => {
  it('is resolved alike when it is asked again, alone, later and in another order', () => {
    const rules = ruleSets['merge of fields']
    let several = 0
    fc.assert(
      fc.property(histories(), (events) => {
        const { conflicts } = effectiveHistory(events, rules)
        if (conflicts.length > 1) several++
        for (const { conflict, resolution } of conflicts.toReversed()) {
          expect(rules.decide(conflict).resolution).toEqual(resolution)
          // By hand, as in a test of somebody's resolver.
          const { aggregateId, key, base, events, branches } = conflict
          const copy = { aggregateId, key, base, events, branches }
          expect(rules.decide(copy).resolution).toEqual(resolution)
        }
      }),
      runs,
    )
    expect(several).toBeGreaterThan(10)
  })
})

describe('a history', () => {
  it('has the same events through historyOf', () => {
    const events = [eventWith({ id: '1', data: 7 }), eventWith({ id: '2', stamp: 1 })]
    const rules = ruleSets['last write wins']
    expect(historyOf(rules)(events)).toEqual(effectiveHistory(events, rules).events)
    expect(historyOf()(events).map(({ data }) => data)).toEqual([7, null])
  })

  it('of 100,000 events in a row has them all', () => {
    const events = Array.from({ length: 100_000 }, (_, at) =>
      eventWith({ id: `${at}`, parents: at === 0 ? [] : [`${at - 1}`], stamp: at }),
    )
    expect(effectiveHistory(events.toReversed()).events).toHaveLength(100_000)
  })

  it('of two lines of 20,000 events each has one conflict', () => {
    const lines = ['l', 'r'].flatMap((side) =>
      Array.from({ length: 20_000 }, (_, at) =>
        eventWith({ id: side + at, parents: at === 0 ? [] : [side + (at - 1)], stamp: at }),
      ),
    )
    const { events, conflicts } = effectiveHistory(lines, ruleSets['last write wins'])
    expect(conflicts).toHaveLength(1)
    expect(events).toHaveLength(20_000)
  })

  it('of 2,000 forks and merges in one scope is merged in linear steps', () => {
    const events = forksAndMerges(2_000)
    const { conflicts, events: left } = effectiveHistory(events, ruleSets['merge of fields'])
    expect(conflicts).toHaveLength(2_000)
    expect(left).toHaveLength(4_000)
    expect(left.at(-1)?.event.id).toBe('m1999')
  })
})

function forksAndMerges(count: number): readonly LogEvent[] {
  return Array.from({ length: count }, (_, at) => {
    const below = at === 0 ? [] : [`m${at - 1}`]
    const data = { [`f${at % 10}`]: at }
    return [
      eventWith({ id: `l${at}`, parents: below, stamp: 3 * at, data }),
      eventWith({ id: `r${at}`, parents: below, stamp: 3 * at + 1, data: { r: at } }),
      eventWith({
        id: `m${at}`,
        parents: [`l${at}`, `r${at}`],
        stamp: 3 * at + 2,
        data: { m: at },
      }),
    ]
  }).flat()
}

function bytesOf({ events, conflicts }: EffectiveHistory): string {
  return JSON.stringify({
    events,
    conflicts: conflicts.map(({ conflict, ...rest }) => ({ ...rest, ...conflict })),
  })
}

function shuffled<T>(items: readonly T[], next: () => number): readonly T[] {
  return items
    .map((item) => [next(), item] as const)
    .sort(([one], [other]) => one - other)
    .map(([, item]) => item)
}

function eventWithSameBytes(
  event: LogEvent,
  { aggregateId = event.aggregateId, prefix = '' } = {},
): LogEvent {
  const { id, parents, stub, stamp, type, origin, sequence, metadataText, dataText } = event
  const copy = eventWith({
    id: prefix + id,
    parents: parents.map((parent) => prefix + parent),
    stamp: Number(stamp),
    type,
    aggregateId,
    origin: origin?.slice(0, origin.indexOf('~')) ?? null,
    sequence: Number(sequence),
    ...(metadataText === '' ? {} : { metadata: JSON.parse(metadataText) }),
    data: dataText === '' ? null : JSON.parse(dataText),
  })
  return stub === null ? copy : stubFor(copy)
}

function ids(events: readonly LogEvent[]): readonly string[] {
  return events.map(({ id }) => id)
}
