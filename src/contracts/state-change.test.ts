import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { property } from '../../test/property.ts'
import { systemRuntime } from '../runtime/index.ts'
import {
  compareChanges,
  emptyObjectText,
  lastWriteWins,
  objectOf,
  type StateChange,
  StateObject,
  timeOf,
} from './index.ts'

const write = (created: bigint, updated: bigint, dataText = '1'): StateChange => ({
  path: 'a',
  created,
  updated,
  dataText,
  note: '',
})
const tombstone = (updated: bigint): StateChange => ({ ...write(0n, updated), dataText: null })

describe('T1: of two versions of a path', () => {
  it('the greater max(created, updated) stands', () => {
    expect(wins(write(5n, 0n), write(1n, 4n))).toBe('first')
    expect(wins(write(5n, 0n), write(1n, 6n))).toBe('second')
    expect(wins(write(5n, 0n), tombstone(6n))).toBe('second')
    expect(wins(write(7n, 0n), tombstone(6n))).toBe('first')
  })

  it('a delete stands over a write of the same time', () => {
    expect(wins(write(5n, 0n), tombstone(5n))).toBe('second')
    expect(wins(tombstone(5n), write(1n, 5n))).toBe('first')
  })

  it('the greater hash of the canonical JSON stands when all else is equal', () => {
    const one = write(5n, 0n, '{"b":1,"a":2}')
    const same = write(5n, 0n, '{"a":2,"b":1}')
    const hash = (text: string) => systemRuntime.sha256(text)
    expect(hash('1') > hash('2')).toBe(wins(write(5n, 0n, '1'), write(5n, 0n, '2')) === 'first')
    // One content in two spellings: no matter which, but the same one everywhere.
    expect(lastWriteWins(one, same, systemRuntime)).toBe(lastWriteWins(same, one, systemRuntime))
  })

  const time = fc.bigInt(0n, 3n)
  const change = fc.oneof(
    time.map(tombstone),
    fc
      .tuple(time, time, fc.constantFrom('1', '1.0', '{"a":1,"b":2}', '{"b":2,"a":1}'))
      .map((of) => write(...of)),
  )

  it('the same one stands in whatever order and grouping they come', () =>
    property(
      fc.tuple(change, change, change),
      async ([a, b, c]) => {
        const join = (one: StateChange, other: StateChange) =>
          lastWriteWins(one, other, systemRuntime)
        expect(join(a, b)).toEqual(join(b, a))
        expect(join(join(a, b), c)).toEqual(join(a, join(b, c)))
        expect(join(a, a)).toEqual(a)
        expect(compareChanges(a, b, systemRuntime)).toBe(-compareChanges(b, a, systemRuntime) || 0)
      },
      1_000,
    ))

  function wins(one: StateChange, other: StateChange): 'first' | 'second' {
    const winner = lastWriteWins(one, other, systemRuntime)
    expect(lastWriteWins(other, one, systemRuntime)).toBe(winner)
    return winner === one ? 'first' : 'second'
  }
})

describe('an object', () => {
  it('T4: holds times and numbers digit for digit', () => {
    const object = new StateObject({
      created: 1_777_636_800_000_000_001n,
      updated: 9_223_372_036_854_775_807n,
      path: 'a/b',
      dataText: '{"n":1777636800000000001,"f":0.10,"__proto__":{"x":1},"constructor":2}',
    })
    expect(object.text).toBe(
      '{"created":1777636800000000001,"updated":9223372036854775807,"index":"b","path":"a/b","data":{"n":1777636800000000001,"f":0.10,"__proto__":{"x":1},"constructor":2}}',
    )
    const data = object.data as Record<string, unknown>
    expect(data.n).toBe(1_777_636_800_000_000_001n)
    expect(Object.keys(data)).toEqual(['n', 'f', '__proto__', 'constructor'])
    expect(Object.getPrototypeOf(data)).toBe(Object.prototype)
    expect(object.data).toBe(data)
    expect(timeOf(object)).toBe(object.updated)
    expect(JSON.parse(JSON.stringify(object)).created).toBe('1777636800000000001')
  })

  it('is nothing where a tombstone or nothing stands', () => {
    expect(objectOf(undefined)).toBeUndefined()
    expect(objectOf(tombstone(1n))).toBeUndefined()
    expect(objectOf(write(1n, 0n, '"x"'))?.data).toBe('x')
    expect(JSON.parse(emptyObjectText)).toEqual({ created: 0, updated: 0, index: '', data: {} })
  })
})
