import fc from 'fast-check'
import fastJsonPatch from 'fast-json-patch'
import { describe, expect, it } from 'vitest'
import { property } from '../../../../test/property.ts'
import { dataPatch } from './data-patch.ts'

const patch = (before: unknown, after: unknown) =>
  dataPatch('', JSON.stringify(before), JSON.stringify(after)).map((one) => JSON.parse(one))

describe('a patch', () => {
  const key = fc.constantFrom(
    'a',
    'b',
    'c/d',
    'e~f',
    '',
    '__proto__',
    'constructor',
    'prototype',
    '0',
  )
  const value = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'medium', withCrossShrink: true },
      fc.constantFrom(0, 1, 'x', 'a longer text that is worth keeping', null, true),
      fc.array(tie('value'), { maxLength: 5 }),
      fc.array(fc.tuple(key, tie('value')), { maxLength: 5 }).map(Object.fromEntries),
    ),
  })).value

  it('makes of one value the other, by a library that is not ours', () =>
    property(
      fc.tuple(value, value),
      async ([before, after]) => {
        const operations = patch({ in: before }, { in: after })
        const { newDocument } = fastJsonPatch.applyPatch({ in: before }, operations, true)
        expect(JSON.parse(JSON.stringify(newDocument))).toEqual({ in: after })
        expect(JSON.stringify(operations).length).toBeLessThan(
          JSON.stringify({ in: after }).length + 100,
        )
      },
      2_000,
    ))

  it('names what differs, and nothing else', () => {
    const keep = 'x'.repeat(500)
    expect(
      patch({ keep, a: { b: 1, c: [1, 2, 3] } }, { keep, a: { b: 2, c: [1, 3] }, d: 0 }),
    ).toEqual([
      { op: 'replace', path: '/a/b', value: 2 },
      { op: 'remove', path: '/a/c/1' },
      { op: 'add', path: '/d', value: 0 },
    ])
    expect(patch([keep, 1, keep], [keep, 2, 3, keep])).toEqual([
      { op: 'replace', path: '/1', value: 2 },
      { op: 'add', path: '/2', value: 3 },
    ])
    expect(patch({ b: 1, a: 2 }, { a: 2, b: 1 })).toEqual([])
  })

  it('is digit for digit', () => {
    expect(
      dataPatch('/data', `["${'x'.repeat(99)}",1]`, `["${'x'.repeat(99)}",1777636800000000001]`),
    ).toEqual(['{"op":"replace","path":"/data/1","value":1777636800000000001}'])
  })

  it('X1: replaces the whole where to look for less would take long', () => {
    const deep = (n: number) =>
      `${'{"a":'.repeat(120)}[${n},"${'x'.repeat(1_000_000)}"]${'}'.repeat(120)}`
    expect(dataPatch('', deep(1), deep(2))).toEqual([
      `{"op":"replace","path":"","value":${deep(2)}}`,
    ])
    const wide = (n: number) =>
      JSON.stringify(Array.from({ length: 100_000 }, (_, at) => (at + n) % 10))
    expect(dataPatch('', wide(1), wide(2))).toHaveLength(1)
    const many = (n: number) => `[${n},${'1,'.repeat(300_000)}1]`
    expect(dataPatch('', many(1), many(2))).toHaveLength(1)
    expect(dataPatch('', many(1), many(2))[0]).toContain('"path":""')
  })
})
