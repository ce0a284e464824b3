import { describe, expect, it } from 'vitest'
import type { Stamp } from '../../clock/index.ts'
import type { EventId, LogEvent, LogEventInit, Origin } from '../../event/index.ts'
import { compactedOf, LogEvent as Event, erasedOf } from '../../event/index.ts'
import type { Position } from '../../version/index.ts'
import {
  causalProblem,
  difference,
  orderProblem,
  repeatProblem,
  type Snapshot,
  sequenceProblem,
} from './snapshot.ts'

const origin = 'a~0000000000000000' as Origin
let events: readonly LogEvent[]

function event(id: string, sequence: number, more: Partial<LogEventInit> = {}): LogEvent {
  return new Event({
    id: id as EventId,
    origin,
    sequence: BigInt(sequence),
    stamp: BigInt(sequence) as Stamp,
    parents: [],
    aggregateId: 'cart',
    type: 'set',
    schemaVersion: 1,
    hash: '',
    metadataText: '',
    dataText: `{"number":${sequence}}`,
    stub: null,
    ...more,
  })
}

const childOf = (...ids: string[]) => ({ parents: ids as EventId[] })

function snapshot(more: Partial<Snapshot> = {}): Snapshot {
  const entries = events.map((event, at) => ({ event, position: BigInt(at + 1) as Position }))
  const byId = new Map(events.map((event) => [event.id, event]))
  return { node: 'a', entries, events: byId, heads: new Map(), ...more }
}

const heads = (...ids: string[]) => ({ heads: new Map([['cart', ids as EventId[]]]) })

describe('a look at one log', () => {
  it('finds nothing wrong with a good one', () => {
    events = [event('x', 1), event('y', 2, childOf('x')), event('z', 3, childOf('x'))]
    const good = snapshot(heads('z', 'y'))
    expect(orderProblem(good)).toBeUndefined()
    expect(causalProblem(good)).toBeUndefined()
    expect(sequenceProblem(good)).toBeUndefined()
    expect(repeatProblem(good, 3)).toBeUndefined()
    expect(difference(good, good)).toBeUndefined()
  })

  it('finds a position given twice, and an id at two positions', () => {
    events = [event('x', 1), event('y', 2)]
    const [first, second] = snapshot().entries
    const twice = { ...second!, position: 1n as Position }
    expect(orderProblem(snapshot({ entries: [first!, twice] }))).toMatch(/position 1 follows 1/)
    events = [event('x', 1), event('x', 1)]
    expect(orderProblem(snapshot())).toMatch(/two positions/)
  })

  it('finds a parent that is unknown, elsewhere or not earlier', () => {
    events = [event('y', 2, childOf('x'))]
    expect(causalProblem(snapshot())).toMatch(/unknown parent x/)
    events = [event('x', 1, { aggregateId: 'door' }), event('y', 2, childOf('x'))]
    expect(causalProblem(snapshot())).toMatch(/parent elsewhere/)
    events = [event('x', 2), event('y', 2, childOf('x'))]
    expect(causalProblem(snapshot())).toMatch(/y is not stamped after x/)
  })

  it('finds heads that are not what nobody names', () => {
    events = [event('x', 1), event('y', 2, childOf('x'))]
    expect(causalProblem(snapshot(heads('y')))).toBeUndefined()
    expect(causalProblem(snapshot(heads('x')))).toMatch(/heads of cart are x, should be y/)
    expect(causalProblem(snapshot(heads('x', 'y')))).toMatch(/are x,y, should be y/)
  })

  it('finds a gap in an origin, and a sequence given twice', () => {
    events = [event('x', 1), event('z', 3)]
    expect(sequenceProblem(snapshot())).toMatch(/no event 2 of 2/)
    events = [event('x', 1), event('y', 1)]
    expect(sequenceProblem(snapshot())).toMatch(/gave a sequence twice/)
    events = [event('x', 0, { origin: null })]
    expect(sequenceProblem(snapshot())).toMatch(/no origin/)
  })

  it('finds what was stored twice, and what nobody appended', () => {
    events = [event('x', 1), event('y', 2, { dataText: '{"number":1}' })]
    expect(repeatProblem(snapshot(), 2)).toBe('y is x once more')
    events = [event('x', 3)]
    expect(repeatProblem(snapshot(), 2)).toBe('nobody appended x')
    events = [event('x', 1, { dataText: '{}' })]
    expect(repeatProblem(snapshot(), 2)).toBe('nobody appended x')
  })
})

describe('a look at two logs', () => {
  it('finds what one of them lacks, whichever it is', () => {
    events = [event('x', 1)]
    const one = snapshot()
    events = []
    const other = snapshot({ node: 'b' })
    expect(difference(one, other)).toBe('a has x, b has not')
    expect(difference(other, one)).toBe('a has x, b has not')
  })

  it.each<[string, Partial<LogEventInit>]>([
    ['sequence', { sequence: 2n }],
    ['stamp', { stamp: 2n as Stamp }],
    ['parents', childOf('w')],
    ['origin', { origin: 'a~0000000000000001' as Origin }],
    ['payload', { dataText: '{"number":2}' }],
    ['metadata', { metadataText: '{"by":"a"}' }],
    ['schema version', { schemaVersion: 2 }],
  ])('finds another %s', (_, more) => {
    events = [event('x', 1)]
    const one = snapshot()
    events = [event('x', 1, more)]
    expect(difference(one, snapshot({ node: 'b' }))).toBe('x differs at a and b')
  })

  it('takes what one of them has compacted for the same, but not what is erased, or another event', () => {
    const [full, other] = [event('x', 1), event('x', 1, { stamp: 2n as Stamp })]
    const logs = [full, compactedOf(full), erasedOf(full), compactedOf(other)].map((one) => {
      events = [one]
      return snapshot()
    })
    const [here, compacted, erased, another] = logs as [Snapshot, Snapshot, Snapshot, Snapshot]
    expect(difference(here, compacted)).toBeUndefined()
    expect(difference(compacted, here)).toBeUndefined()
    for (const one of [erased, another])
      expect(difference(one, compacted)).toBe('x differs at a and a')
  })
})
