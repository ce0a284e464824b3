import { beforeEach, describe, expect, it } from 'vitest'
import type { Stamp } from '../../clock/index.ts'
import {
  compactedOf,
  LogEvent as Event,
  type EventId,
  type LogEvent,
  type Origin,
  stubOf,
} from '../../event/index.ts'
import { Ledger } from './ledger.ts'

let reports: string[]
let ledger: Ledger

beforeEach(() => {
  reports = []
  ledger = new Ledger((invariant, message) => reports.push(`${invariant} ${message}`))
})

function event(id: string, dataText = '{}'): LogEvent {
  return new Event({
    id: id as EventId,
    origin: 'a~0000000000000000' as Origin,
    sequence: 1n,
    stamp: 1n as Stamp,
    parents: [],
    aggregateId: 'cart',
    type: 'set',
    schemaVersion: 1,
    hash: '',
    metadataText: '',
    dataText,
    stub: null,
  })
}

const held = (...events: LogEvent[]) => new Map(events.map((event) => [event.id, event]))
const [x, y, z] = [event('x'), event('y'), event('z')] as [LogEvent, LogEvent, LogEvent]

describe('the ledger', () => {
  it('holds a node to what it acknowledged and what it took in', () => {
    ledger.acknowledge('a', [x])
    ledger.promise('a', [y.id])
    expect([...ledger.promisedBy('a')]).toEqual(['x', 'y'])
    expect([...ledger.promisedBy('b')]).toEqual([])
    expect([...ledger.owed]).toEqual(['x'])
  })

  it('lets go of what only a wiped disk held, and of nothing else', () => {
    ledger.acknowledge('a', [x, y])
    ledger.acknowledge('b', [z])
    const gone = ledger.diskReplaced('a', held(x, y), held(), [held(y), held()])
    expect(gone).toEqual(['x'])
    // Nobody has z durably, but it was not on the wiped disk: whoever lost it has to answer for it.
    expect([...ledger.owed]).toEqual(['y', 'z'])
    expect([...ledger.promisedBy('a')]).toEqual([])
  })

  it('holds a node to all that its backup or copy contains', () => {
    ledger.acknowledge('a', [x, y])
    expect(ledger.diskReplaced('a', held(x, y), held(x, z), [])).toEqual(['y'])
    expect([...ledger.promisedBy('a')]).toEqual(['x', 'z'])
  })

  it('reports one id with two contents', () => {
    ledger.meet(event('x', '1'), 'a')
    ledger.meet(event('x', '1'), 'b')
    expect(reports).toEqual([])
    ledger.meet(event('x', '2'), 'b')
    expect(reports).toEqual([expect.stringMatching(/^L2 x at b is/)])
  })

  it('takes what is compacted for the event, as long as it stands where that stands', () => {
    for (const one of [x, compactedOf(x), stubOf(x)]) ledger.meet(one, 'a')
    expect(reports).toEqual([])
    ledger.meet(new Event({ ...compactedOf(x), sequence: 2n }), 'b')
    expect(reports).toEqual([expect.stringMatching(/^L2 x at b is/)])
  })
})
