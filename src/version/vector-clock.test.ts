import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  clockRelation,
  clockText,
  incrementClock,
  mergeClocks,
  parseClock,
} from './vector-clock.ts'

describe('two vector clocks', () => {
  it.each([
    ['{"n1":2,"n2":3}', '{"n1":2,"n2":3}', 'equal'],
    ['{}', '{}', 'equal'],
    ['{"n1":1,"n2":2}', '{"n1":2,"n2":3}', 'before'],
    ['{"n1":2,"n2":3}', '{"n1":1,"n2":2}', 'after'],
    ['{"n1":2}', '{"n2":2}', 'concurrent'],
    ['{"n1":3,"n2":1}', '{"n1":1,"n2":3}', 'concurrent'],
    ['{"n1":2}', '{"n1":2,"n2":1}', 'before'],
    ['{"n1":2,"n2":1}', '{"n1":2}', 'after'],
    ['{"A":1,"B":0}', '{"A":1,"C":0}', 'equal'],
    ['{"A":1,"B":0}', '{"A":1}', 'equal'],
  ])('%s and %s are told apart: %s', (one, other, relation) => {
    expect(clockRelation(parseClock(one), parseClock(other))).toBe(relation)
  })

  it('merge into the least that has seen both', () => {
    const merged = mergeClocks(
      parseClock('{"n1":5,"n2":2,"n3":1}'),
      parseClock('{"n1":3,"n2":4,"n4":2}'),
    )
    expect(clockText(merged)).toBe('{"n1":5,"n2":4,"n3":1,"n4":2}')
    fc.assert(
      fc.property(clocks(), clocks(), (one, other) => {
        const both = mergeClocks(one, other)
        expect(['before', 'equal']).toContain(clockRelation(one, both))
        expect(['before', 'equal']).toContain(clockRelation(other, both))
        expect(clockText(mergeClocks(other, one))).toBe(clockText(both))
      }),
    )
  })

  it('are in mirrored relations when they are swapped', () => {
    const mirrored = { before: 'after', after: 'before', equal: 'equal', concurrent: 'concurrent' }
    fc.assert(
      fc.property(clocks(), clocks(), (one, other) => {
        expect(clockRelation(other, one)).toBe(mirrored[clockRelation(one, other)])
      }),
    )
  })
})

describe('the text of a vector clock', () => {
  it.each(['', '   ', '{}', 'null'])('may say nothing: %j', (text) => {
    expect(clockText(parseClock(text))).toBe('{}')
  })

  it('has its nodes sorted and its counters exact', () => {
    expect(clockText(parseClock('{"node-2":3,"node-1":18446744073709551615}'))).toBe(
      '{"node-1":18446744073709551615,"node-2":3}',
    )
  })

  it.each(['{"node-1":}', '{"node-1":-1}', '{"node-1":18446744073709551616}', '{"":1}', '[]', 'x'])(
    'is refused: %s',
    (text) => {
      expect(() => parseClock(text)).toThrow(expect.objectContaining({ code: 'invalid_argument' }))
    },
  )
})

describe('the limits of a vector clock', () => {
  const full = new Map(Array.from({ length: 1000 }, (_, at) => [`n${at}`, 1n] as const))

  it('are 1,000 nodes', () => {
    expect(incrementClock(full, 'n7').get('n7')).toBe(2n)
    expect(() => incrementClock(full, 'new')).toThrow('cannot track more than 1000 nodes')
    expect(() => mergeClocks(full, new Map([['new', 1n]]))).toThrow(
      'merging would exceed maximum of 1000 nodes',
    )
    expect(mergeClocks(full, full).size).toBe(1000)
    const text = clockText(full)
    expect(parseClock(text).size).toBe(1000)
    expect(() => parseClock(`{"new":1,${text.slice(1)}`)).toThrow('1000 nodes')
  })

  it('are 255 bytes for the id of a node, and at least one', () => {
    expect(incrementClock(new Map(), 'n'.repeat(255)).size).toBe(1)
    for (const node of ['n'.repeat(256), 'é'.repeat(128)])
      expect(() => incrementClock(new Map(), node)).toThrow(
        'node ID length exceeds maximum of 255 characters',
      )
    expect(() => incrementClock(new Map(), '')).toThrow('node ID cannot be empty')
  })

  it('are 64 bits for a counter, which never starts over', () => {
    const clock = new Map([['n', 2n ** 64n - 2n]])
    const last = incrementClock(clock, 'n')
    expect(last.get('n')).toBe(2n ** 64n - 1n)
    expect(() => incrementClock(last, 'n')).toThrow('at its end')
    expect(clock.get('n')).toBe(2n ** 64n - 2n)
  })
})

function clocks() {
  const pair = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.bigInt(0n, 3n))
  return fc.array(pair).map((pairs) => new Map(pairs))
}
