import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Stamp } from '../clock/index.ts'
import { events } from './fixtures/events.ts'
import type { EventId, Origin } from './ids.ts'
import { LogEvent, type LogEventInit, sameEvent } from './log-event.ts'

const init: LogEventInit = {
  id: 'e1' as EventId,
  origin: 'node~0123456789abcdef' as Origin,
  sequence: 9007199254740993n,
  stamp: 1759000000123456789n as Stamp,
  parents: ['e0' as EventId],
  aggregateId: 'order-1',
  type: 'OrderPaid',
  schemaVersion: 2,
  hash: 'h'.repeat(43) as LogEventInit['hash'],
  metadataText: '{"user":"u1"}',
  dataText: '{"amount":12.50}',
  stub: null,
}
const stubInit: LogEventInit = {
  ...init,
  type: '',
  metadataText: '',
  dataText: '',
  stub: 'withheld',
}

afterEach(() => {
  vi.restoreAllMocks()
})

describe('an event', () => {
  it('parses payload and metadata when first asked for, and then never again', () => {
    const parse = vi.spyOn(JSON, 'parse')
    const event = new LogEvent(init)
    expect(parse).not.toHaveBeenCalled()
    expect(event.data).toEqual({ amount: 12.5 })
    expect(event.metadata).toEqual({ user: 'u1' })
    expect(parse).toHaveBeenCalledTimes(2)
    expect(event.data).toBe(event.data)
    expect(event.metadata).toBe(event.metadata)
    expect(parse).toHaveBeenCalledTimes(2)
  })

  it('can be carried with a payload that nobody can parse, until somebody asks', () => {
    const event = new LogEvent({ ...init, dataText: '{' })
    expect(event.dataText).toBe('{')
    expect(() => event.data).toThrow(SyntaxError)
  })

  it.each([
    ['null', null],
    ['0', 0],
    ['""', ''],
    ['false', false],
  ])('may hold %s', (dataText, data) => {
    expect(new LogEvent({ ...init, dataText }).data).toBe(data)
  })

  it('has empty metadata when it has none', () => {
    const event = new LogEvent({ ...init, metadataText: '' })
    expect(event.metadata).toEqual({})
    expect(event.metadata).toBe(event.metadata)
  })

  it('is written to JSON with 64-bit numbers as strings', () => {
    expect(JSON.parse(JSON.stringify(new LogEvent(init)))).toEqual({
      id: 'e1',
      type: 'OrderPaid',
      aggregateId: 'order-1',
      origin: 'node~0123456789abcdef',
      sequence: '9007199254740993',
      stamp: '1759000000123456789',
      parents: ['e0'],
      schemaVersion: 2,
      hash: init.hash,
      metadata: { user: 'u1' },
      data: { amount: 12.5 },
    })
  })
})

describe('a stub', () => {
  it('has no content and says why', () => {
    const stub = new LogEvent(stubInit)
    expect(stub.data).toBeUndefined()
    expect(stub.metadata).toEqual({})
    expect(stub.toJSON()).toMatchObject({ id: 'e1', stub: 'withheld', parents: ['e0'] })
    expect(stub.toJSON()).not.toHaveProperty('data')
    expect(stub.toJSON()).not.toHaveProperty('metadata')
  })
})

describe('sameEvent', () => {
  it('holds for an event and its copy', () => {
    fc.assert(fc.property(events(), (event) => sameEvent(event, new LogEvent(event))))
  })

  it.each<[keyof LogEventInit, unknown]>([
    ['id', 'e2'],
    ['origin', null],
    ['sequence', 1n],
    ['stamp', 1n],
    ['parents', []],
    ['parents', ['e0', 'e00']],
    ['parents', ['e9']],
    ['aggregateId', 'order-2'],
    ['type', 'Paid'],
    ['schemaVersion', 1],
    ['hash', ''],
    ['metadataText', '{"user":"u2"}'],
    ['dataText', '{"amount":12.5}'],
    ['stub', 'erased'],
  ])('does not hold when %s is %o', (field, value) => {
    const other = new LogEvent({ ...init, [field]: value })
    expect(sameEvent(new LogEvent(init), other)).toBe(false)
    expect(sameEvent(other, new LogEvent(init))).toBe(false)
  })

  it('counts the order of parents', () => {
    const [one, other] = [
      ['a', 'b'],
      ['b', 'a'],
    ].map((ids) => new LogEvent({ ...init, parents: ids as EventId[] }))
    expect(sameEvent(one!, other!)).toBe(false)
  })
})
