import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ClockRelation, VectorClock } from './vector-clock.ts'

const { parse } = VectorClock
const largest = 2n ** 64n - 1n

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
    expect(parse(one).compare(parse(other))).toBe(relation)
  })

  it('merge into what go-sync-kit makes of them', () => {
    const merged = parse('{"n1":5,"n2":2,"n3":1}').merge(parse('{"n1":3,"n2":4,"n4":2}'))
    expect(String(merged)).toBe('{"n1":5,"n2":4,"n3":1,"n4":2}')
  })

  it('compare as one event after another does: checked against who could have seen what', () => {
    fc.assert(
      fc.property(fc.array(deed(), { maxLength: 40 }), (deeds) => {
        const events = told(deeds)
        for (const one of events)
          for (const other of events) {
            const [seen, sees] = [other.seen.has(one), one.seen.has(other)]
            expect(one.clock.compare(other.clock)).toBe(relations[`${seen} ${sees}`])
          }
      }),
    )
  })

  it('compare node by node', () => {
    fc.assert(
      fc.property(clock(), clock(), (one, other) => {
        const differences = nodes.map((node) => one.get(node) - other.get(node))
        const [less, more] = [differences.some((by) => by < 0n), differences.some((by) => by > 0n)]
        expect(one.compare(other)).toBe(relations[`${!more} ${!less}`])
      }),
    )
  })
})

describe('merging vector clocks', () => {
  it('does not depend on order, grouping or repeats', () => {
    fc.assert(
      fc.property(clock(), clock(), clock(), (a, b, c) => {
        expect(String(a.merge(b))).toBe(String(b.merge(a)))
        expect(String(a.merge(b).merge(c))).toBe(String(a.merge(b.merge(c))))
        expect(String(a.merge(a))).toBe(String(a))
        expect(String(a.merge(VectorClock.empty))).toBe(String(a))
      }),
    )
  })

  it('gives the least that is not before either', () => {
    const upTo = ['before', 'equal']
    fc.assert(
      fc.property(clock(), clock(), clock(), (a, b, other) => {
        const both = a.merge(b)
        expect(upTo).toContain(a.compare(both))
        expect(upTo).toContain(b.compare(both))
        if (upTo.includes(a.compare(other)) && upTo.includes(b.compare(other)))
          expect(upTo).toContain(both.compare(other))
      }),
      { numRuns: 500 },
    )
  })
})

describe('a vector clock', () => {
  it('never changes: what it is made from may, and what is made from it is another', () => {
    const counters = new Map([['a', 1n]])
    const clock = VectorClock.of(counters)
    counters.set('a', 7n).set('b', 1n)
    clock.increment('a').merge(parse('{"c":1}'))
    const entries = clock.entries() as [string, bigint][]
    entries.push(['d', 1n])
    expect(String(clock)).toBe('{"a":1}')
    expect(VectorClock.empty.increment('x').size).toBe(1)
    expect(VectorClock.empty.size).toBe(0)
  })

  it('comes after itself incremented, by one event of that node', () => {
    fc.assert(
      fc.property(clock(), fc.constantFrom(...nodes), (before, node) => {
        const after = before.increment(node)
        expect(after.compare(before)).toBe('after')
        expect(after.get(node)).toBe(before.get(node) + 1n)
      }),
    )
  })

  it('is its text again, whatever its nodes are called', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 })
    const counter = fc.oneof(fc.bigInt(0n, 3n), fc.bigInt(0n, largest))
    fc.assert(
      fc.property(fc.array(fc.tuple(name, counter)), (counters) => {
        const clock = VectorClock.of(counters)
        expect(parse(String(clock)).entries()).toEqual(clock.entries())
        expect(JSON.parse(JSON.stringify({ clock }))).toEqual({ clock: String(clock) })
      }),
    )
  })
})

describe('the text of a vector clock', () => {
  it.each(['', '   ', '{}', 'null'])('may say nothing: %j', (text) => {
    expect(String(parse(text))).toBe('{}')
  })

  it('has its nodes sorted and its counters exact', () => {
    expect(String(parse(`{"node-2":3,"node-1":${largest}}`))).toBe(
      `{"node-1":${largest},"node-2":3}`,
    )
  })

  it('counts the last of repeated nodes, and null as 0, as in Go', () => {
    expect(String(parse('{"a":1,"a":2,"b":null}'))).toBe('{"a":2,"b":0}')
  })

  it.each([
    '{"node-1":}',
    '{"node-1":-1}',
    '{"node-1":1.5}',
    `{"node-1":${largest + 1n}}`,
    '{"":1}',
    '[]',
    'x',
    7 as unknown as string,
  ])('is refused: %s', (text) => {
    expect(() => parse(text)).toThrow(expect.objectContaining({ code: 'invalid_argument' }))
  })
})

describe('the limits of a vector clock', () => {
  const named = (count: number) => Array.from({ length: count }, (_, at) => [`n${at}`, 1n] as const)
  const full = VectorClock.of(named(1_000))
  const tooLarge = (message: string) => expect.objectContaining({ code: 'too_large', message })

  it('are 1,000 nodes, on every way to a clock', () => {
    const beyond = tooLarge('cannot track more than 1000 nodes')
    expect(full.increment('n7').get('n7')).toBe(2n)
    expect(() => full.increment('new')).toThrow(beyond)
    expect(() => full.merge(parse('{"new":1}'))).toThrow(
      tooLarge('merging would exceed maximum of 1000 nodes'),
    )
    expect(full.merge(full).size).toBe(1_000)
    expect(parse(String(full)).size).toBe(1_000)
    expect(() => parse(`{"new":1,${String(full).slice(1)}`)).toThrow(beyond)
    expect(() => VectorClock.of(named(1_001))).toThrow(beyond)
    expect(VectorClock.of([...named(1_000), ['n7', 5n]]).get('n7')).toBe(5n)
  })

  it.each(['n'.repeat(256), 'é'.repeat(128), 'n'.repeat(1_000_000)])(
    'are 255 bytes for the id of a node, on every way to a clock',
    (node) => {
      const beyond = tooLarge('node ID length exceeds maximum of 255 characters')
      expect(() => VectorClock.empty.increment(node)).toThrow(beyond)
      expect(() => VectorClock.of([[node, 1n]])).toThrow(beyond)
      expect(() => parse(`{"${node}":1}`)).toThrow(beyond)
    },
  )

  it('leave room for the largest clock there is', () => {
    const node = (at: number) => String(at).padEnd(255, '\u0001')
    const counters = Array.from({ length: 1_000 }, (_, at) => [node(at), largest] as const)
    const largestOfAll = VectorClock.of(counters)
    expect(parse(String(largestOfAll)).compare(largestOfAll)).toBe('equal')
    expect(() => parse(String(largestOfAll).padEnd(2_000_000))).toThrow(
      tooLarge('a clock of 2000000 characters'),
    )
  })

  it.each(['', '\ud800', undefined as unknown as string])('are no place for the id %j', (node) => {
    const refused = expect.objectContaining({ code: 'invalid_argument' })
    expect(() => VectorClock.empty.increment(node)).toThrow(refused)
    expect(() => VectorClock.of([[node, 1n]])).toThrow(refused)
  })

  it('are 64 bits for a counter, which never starts over', () => {
    const clock = VectorClock.of([['n', largest - 1n]])
    const last = clock.increment('n')
    expect(last.get('n')).toBe(largest)
    expect(() => last.increment('n')).toThrow(tooLarge('the counter of this node is at its end'))
    for (const counter of [-1n, largest + 1n, 1 as unknown as bigint])
      expect(() => VectorClock.of([['n', counter]])).toThrow(
        expect.objectContaining({ code: 'invalid_argument' }),
      )
  })
})

interface Told {
  readonly clock: VectorClock
  /** Itself and all that its node had seen. */
  readonly seen: ReadonlySet<Told>
}

/** What three nodes write while they hear of each other, with what each writer had seen. */
function told(deeds: readonly { writes: boolean; node: string; from: string }[]): Told[] {
  const known = new Map(
    nodes.map((node) => [node, { clock: VectorClock.empty, seen: new Set<Told>() }]),
  )
  const events: Told[] = []
  for (const { writes, node, from } of deeds) {
    const [mine, theirs] = [known.get(node)!, known.get(from)!]
    if (writes) {
      const clock = mine.clock.increment(node)
      const seen = new Set(mine.seen)
      const event = { clock, seen }
      seen.add(event)
      events.push(event)
      known.set(node, { clock, seen: new Set(seen) })
    } else {
      const seen = new Set([...mine.seen, ...theirs.seen])
      known.set(node, { clock: mine.clock.merge(theirs.clock), seen })
    }
  }
  return events
}

const nodes = ['a', 'b', 'c']

/** By whether the one is within the other, and the other within the one. */
const relations: Readonly<Record<string, ClockRelation>> = {
  'true true': 'equal',
  'true false': 'before',
  'false true': 'after',
  'false false': 'concurrent',
}

function deed() {
  const node = fc.constantFrom(...nodes)
  return fc.record({ writes: fc.boolean(), node, from: node })
}

function clock() {
  const pair = fc.tuple(fc.constantFrom(...nodes), fc.bigInt(0n, 3n))
  return fc.array(pair).map((pairs) => VectorClock.of(pairs))
}
