import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LogEvent } from '../event/index.ts'
import { snapshotType } from '../event/index.ts'
import { type EffectiveHistory, effectiveHistory } from './effective-history.ts'
import { contentGone, eventWith, histories } from './fixtures/histories.ts'
import { Oracle } from './fixtures/oracle.ts'
import { coveredBySnapshots, recordOf } from './index.ts'
import { defineRules } from './rules/define-rules.ts'

const runs = { numRuns: Number(process.env.REJOIN_RUNS ?? 300) }
const withSnapshots = histories({ snapshots: true })

const ruleSets = {
  additive: defineRules({}),
  'last write wins': defineRules({ fallback: 'last-write-wins', besideSnapshot: 'keep' }),
  'merge of fields': defineRules({ fallback: 'merge-fields', conflictKey: 'aggregate' }),
}

describe.each(Object.entries(ruleSets))('a history with snapshots by %s', (_, rules) => {
  it('is a function of the set, compacted or not: byte for byte (C2, C3)', () => {
    const seen = { covered: 0, beside: 0, several: 0, partly: 0 }
    const randoms = fc.infiniteStream(fc.nat({ max: 1_000_000 }))
    fc.assert(
      fc.property(withSnapshots, randoms, (events, random) => {
        const next = () => random.next().value as number
        const expected = bytesOf(effectiveHistory(events, rules))
        const covered = coveredBySnapshots(events)
        for (let round = 0; round < 3; round++) {
          // All that may go, or some of it: what one log has compacted another may still have.
          const compacted = events.map((event) =>
            covered.has(event.id) && event.stub === null && (round === 0 || next() % 2 === 0)
              ? contentGone(event, 'compacted')
              : event,
          )
          const repeated = compacted.filter(() => next() % 3 === 0)
          const arrived = shuffled([...compacted, ...repeated], next)
          expect(bytesOf(effectiveHistory(arrived, rules))).toBe(expected)
          if (compacted.some(({ id, stub }) => covered.has(id) && stub === null)) seen.partly++
        }
        if (covered.size > 0) seen.covered++
        const beside = effectiveHistory(events, rules).conflicts.filter(isBeside)
        if (beside.length > 0) seen.beside++
        if (beside.some(({ conflict }) => conflict.events.filter(isSnap).length > 1)) seen.several++
      }),
      runs,
    )
    for (const [what, times] of Object.entries(seen)) expect(times, what).toBeGreaterThan(0)
  })

  it('gives an aggregate the same alone and with others', () => {
    fc.assert(
      fc.property(withSnapshots, withSnapshots, (events, other) => {
        const elsewhere = other.map((event) => moved(event))
        const both = effectiveHistory([...events, ...elsewhere], rules)
        expect(both.events.filter(({ event }) => event.aggregateId === 'a')).toEqual(
          effectiveHistory(events, rules).events,
        )
      }),
      { numRuns: 50 },
    )
  })
})

it('what a snapshot covers, what is beside it and what comes first is as defined', () => {
  let settled = 0
  fc.assert(
    fc.property(withSnapshots, (events) => {
      const oracle = new Oracle(events)
      const order = oracle.order()
      const snapshots = order.filter((event) => isSnap(event) && event.origin !== null)
      const isCovered = (event: LogEvent) => snapshots.some((one) => oracle.isBefore(event, one))
      const maximal = snapshots.filter((one) => !isCovered(one))
      const others = order.filter(
        (event) => event.stub === null && !isSnap(event) && !isCovered(event),
      )
      const { events: history, conflicts } = effectiveHistory(events)
      expect(history.map(({ event }) => event.id)).toEqual(ids([...maximal, ...others]))
      expect([...coveredBySnapshots(events)].toSorted()).toEqual(
        ids(order.filter(isCovered)).toSorted(),
      )

      const beside = order.filter(
        (event) =>
          (maximal.includes(event) && others.some((other) => oracle.concurrent(other, event))) ||
          ([...maximal, ...others].includes(event) &&
            maximal.some((snapshot) => oracle.concurrent(snapshot, event))),
      )
      const found = conflicts.filter(isBeside)
      expect(found.map(({ conflict }) => ids(conflict.events))).toEqual(
        beside.length === 0 ? [] : [ids(beside)],
      )
      for (const { conflict, settledBy } of found) {
        const heads = conflict.branches.map(({ head }) => head.id)
        expect(settledBy).toBe(oracle.above(heads)[0])
        if (settledBy !== undefined) settled++
      }
      for (const { conflict } of conflicts)
        for (const event of conflict.events) expect(isCovered(event)).toBe(false)
    }),
    runs,
  )
  expect(settled).toBeGreaterThan(0)
})

describe('what is written beside a snapshot', () => {
  const root = eventWith({ id: 'root', stamp: 1 })
  const snapshot = eventWith({ id: 's', type: snapshotType, parents: ['root'], stamp: 5 })
  const beside = eventWith({ id: 'beside', parents: ['root'], stamp: 3 })

  it('is kept, after it, and waits for a review until somebody has gone on from both', () => {
    const { events, conflicts } = effectiveHistory([root, beside, snapshot])
    expect(events.map(({ event }) => event.id)).toEqual(['s', 'beside'])
    expect(conflicts.map(recordOf)).toMatchObject([
      {
        key: snapshotType,
        outcome: 'review',
        resolver: 'beside-snapshot',
        open: true,
        superseded: [],
        branches: [{ head: 'beside' }, { head: 's' }],
      },
    ])
    const merge = eventWith({ id: 'm', parents: ['s', 'beside'], stamp: 6 })
    const [conflict] = effectiveHistory([root, beside, snapshot, merge]).conflicts
    expect(conflict?.settledBy).toBe('m')
    const next = eventWith({ id: 't', type: snapshotType, parents: ['m'], stamp: 7 })
    const later = effectiveHistory([root, beside, snapshot, merge, next])
    expect(later.conflicts).toEqual([])
    expect(later.events.map(({ event }) => event.id)).toEqual(['t'])
  })

  it('is kept without asking by rules that say so, which have another hash', () => {
    const rules = defineRules({ besideSnapshot: 'keep' })
    const { conflicts } = effectiveHistory([root, beside, snapshot], rules)
    expect(conflicts.map(recordOf)).toMatchObject([{ outcome: 'keep', winners: [0, 1] }])
    expect(rules.hash).not.toBe(defineRules({}).hash)
    expect(defineRules({ besideSnapshot: 'review' }).hash).toBe(defineRules({}).hash)
    expect(defineRules(rules.describe()).hash).toBe(rules.hash)
    expect(() => defineRules({ besideSnapshot: 'drop' as never })).toThrow(/besideSnapshot must/)
  })

  it('stands in the journal where the snapshot does, which is in no other conflict', () => {
    const after = eventWith({ id: 'after', parents: ['s'], stamp: 6_000_000 })
    const { conflicts } = effectiveHistory([root, beside, snapshot, after])
    expect(conflicts.map(({ conflict }) => conflict.key)).toEqual([snapshotType, 'A'])
    expect(conflicts.map((one) => recordOf(one).at)).toEqual([0, 6])
  })
})

it('a snapshot without causality stands for nothing, and does not count before it has its header', () => {
  const one = eventWith({ id: 'one', stamp: 1 })
  const bare = eventWith({ id: 's', type: snapshotType, origin: null, stamp: 2 })
  const { events, conflicts } = effectiveHistory([one, bare])
  expect(events.map(({ event }) => event.id)).toEqual(['one'])
  expect(conflicts).toEqual([])
})

it('an event without causality is covered by nothing that does not name it', () => {
  const bare = eventWith({ id: 'bare', origin: null, stamp: 1 })
  const one = eventWith({ id: 'one', stamp: 2 })
  const snapshot = eventWith({ id: 's', type: snapshotType, parents: ['one'], stamp: 3 })
  const { events } = effectiveHistory([bare, one, snapshot])
  expect(events.map(({ event }) => event.id)).toEqual(['s', 'bare'])
})

it('an erased snapshot stands for nothing: what it covered counts again', () => {
  const one = eventWith({ id: 'one', stamp: 1 })
  const snapshot = eventWith({ id: 's', type: snapshotType, parents: ['one'], stamp: 3 })
  const { events } = effectiveHistory([one, contentGone(snapshot, 'erased')])
  expect(events.map(({ event }) => event.id)).toEqual(['one'])
})

function isSnap({ type }: LogEvent): boolean {
  return type === snapshotType
}

function isBeside({ resolver }: { readonly resolver: string }): boolean {
  return resolver === 'beside-snapshot'
}

function bytesOf({ events, conflicts }: EffectiveHistory): string {
  const shown = events.map(({ event, type, data }) => ({
    ...event.toJSON(),
    shownType: type,
    shown: data,
  }))
  const base = conflicts.map(({ conflict }) =>
    conflict.base.map(({ event, data }) => [event.id, data]),
  )
  return JSON.stringify([shown, conflicts.map(recordOf), base])
}

function moved(event: LogEvent): LogEvent {
  return eventWith({
    id: `b-${event.id}`,
    aggregateId: 'b',
    parents: event.parents.map((id) => `b-${id}`),
    stamp: Number(event.stamp),
    type: event.type || 'A',
  })
}

function shuffled<T>(list: readonly T[], next: () => number): T[] {
  return list
    .map((value) => ({ value, order: next() }))
    .sort((one, other) => one.order - other.order)
    .map(({ value }) => value)
}

function ids(events: readonly LogEvent[]): string[] {
  return events.map(({ id }) => id)
}
