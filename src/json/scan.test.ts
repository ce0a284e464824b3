import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { scanJson } from './scan.ts'

describe('scanJson', () => {
  it.each([
    ...['0', '-0', '1', '-12.50', '1e5', '1E+5', '0.1e-7', '1e400', '0e0', '9'.repeat(400)],
    ...[
      'true',
      'false',
      'null',
      '""',
      '"a"',
      '"\\u00e9\\ud800\\"\\\\\\/\\b\\f\\n\\r\\t"',
      '"\u007f"',
    ],
    ...['"\u2028\u2029"', '"\ud800"', '"😀é"', `"${'x'.repeat(200)}"`, `"${'x'.repeat(63)}\\n"`],
    ...['[]', '{}', ' [ ] ', '\t{\r\n} ', '[1,2]', '{"a":1,"a":2}', '{"__proto__":1}', '{"":[{}]}'],
    ...['[[],[[]],{}]', '{"a":{"b":[1,{"c":null}]},"d":[]}', ' \n[ 1 , { "a" : 2 } ]\t'],
  ])('takes %j', (text) => {
    expect(() => JSON.parse(text)).not.toThrow()
    expect(scanJson(text, 10)).toBe(-1)
  })

  it.each([
    ['', 0],
    ['  ', 2],
    ['\u00a01', 0],
    ['\ufeff1', 0],
    ['\v1', 0],
    ['1 2', 2],
    ['[]]', 2],
    ['{}{}', 2],
    ['01', 1],
    ['-01', 2],
    ['-', 1],
    ['-a', 1],
    ['+1', 0],
    ['.5', 0],
    ['1.', 2],
    ['1.e5', 2],
    ['1e', 2],
    ['1e+', 3],
    ['1ex', 2],
    ['1_0', 1],
    ['0x10', 1],
    ['NaN', 0],
    ['Infinity', 0],
    ['-Infinity', 1],
    ['tru', 3],
    ['trux', 3],
    ['truee', 4],
    ['True', 0],
    ['nul', 3],
    ['fals,', 4],
    ['undefined', 0],
    ["'a'", 0],
    ['"', 1],
    ['"a', 2],
    ['"\\', 2],
    ['"\\x41"', 2],
    ['"\\\'"', 2],
    ['"\\U0041"', 2],
    ['"\\u12', 5],
    ['"\\u12g4"', 5],
    ['"\\u"', 3],
    ['"a\nb"', 2],
    ['"a\tb"', 2],
    ['"\u0000"', 1],
    ['"\u001f"', 1],
    [`"${'x'.repeat(100)}\n"`, 101],
    [`"${'x'.repeat(100)}`, 101],
    [`"${'x'.repeat(62)}\\q"`, 64],
    ['[', 1],
    ['[1', 2],
    ['[1,', 3],
    ['[,1]', 1],
    ['[1,]', 3],
    ['[1,,2]', 3],
    ['[1 2]', 3],
    ['[1}', 2],
    ['[}', 1],
    [']', 0],
    ['{', 1],
    ['{]', 1],
    ['{1:2}', 1],
    ['{a:1}', 1],
    ['{"a"', 4],
    ['{"a"}', 4],
    ['{"a",1}', 4],
    ['{"a":', 5],
    ['{"a":}', 5],
    ['{"a":1', 6],
    ['{"a":1,', 7],
    ['{"a":1,}', 7],
    ['{"a":1]', 6],
    ['{"a":1;"b":2}', 6],
    ['{,}', 1],
    ['{"a":1 "b":2}', 7],
    ['[1]/**/', 3],
    ['// x\n1', 0],
  ])('refuses %j at %i', (text, at) => {
    expect(() => JSON.parse(text)).toThrow()
    expect(scanJson(text, 10)).toBe(at)
  })

  it('counts a scalar as depth 0 and brackets as one level each', () => {
    expect(scanJson('1', 0)).toBe(-1)
    expect(scanJson('"[[["', 0)).toBe(-1)
    expect(scanJson('[]', 0)).toBe(0)
    expect(scanJson('[]', 1)).toBe(-1)
    expect(scanJson('[{"a":[]}]', 2)).toBe(6)
    expect(scanJson('[{"a":[]}]', 3)).toBe(-1)
    expect(scanJson('[[],[],[]]', 2)).toBe(-1)
  })

  it.each([1, 1000, 1024, 1025, 100_000])('takes %i levels when they are allowed', (depth) => {
    const arrays = '['.repeat(depth) + ']'.repeat(depth)
    const objects = `${'{"a":'.repeat(depth)}0${'}'.repeat(depth)}`
    expect(scanJson(arrays, depth)).toBe(-1)
    expect(scanJson(objects, depth)).toBe(-1)
    expect(scanJson(arrays, depth - 1)).toBe(depth - 1)
    expect(scanJson(objects, depth - 1)).toBe((depth - 1) * 5)
  })

  it('takes the stack of no matter how deep an input', () => {
    expect(scanJson('['.repeat(2_000_000), 128)).toBe(128)
    expect(scanJson(`"${'\\n'.repeat(1_000_000)}"`, 0)).toBe(-1)
  })

  it('is not disturbed by a scan that ended inside objects and arrays', () => {
    scanJson('{"a":{"b":{"c":[', 10)
    expect(scanJson('[[1,2],[3]]', 10)).toBe(-1)
    expect(scanJson('[1:2]', 10)).toBe(2)
  })

  it('takes whatever JSON.stringify writes, within its depth', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 6 }),
        fc.constantFrom(undefined, 2, '\t'),
        (value, space) => {
          const text = JSON.stringify(value, null, space)
          const depth = depthOf(value)
          expect(scanJson(text, depth)).toBe(-1)
          if (depth > 0) expect(scanJson(text, depth - 1)).toBeGreaterThanOrEqual(0)
        },
      ),
    )
  })

  it('agrees with JSON.parse about damaged texts, and points at the first wrong character', () => {
    fc.assert(
      fc.property(damaged(), (text) => {
        const at = scanJson(text, 100)
        expect(at === -1).toBe(parses(text))
        if (at === -1) return
        // What stands before can still become JSON, what stands there can't.
        expect([-1, at]).toContain(scanJson(text.slice(0, at), 100))
        if (at < text.length) expect(scanJson(text.slice(0, at + 1), 100)).toBe(at)
      }),
      { numRuns: 5_000 },
    )
  })
})

describe('scanJson of a part', () => {
  it('sees nothing outside it, and counts from the beginning of the text', () => {
    fc.assert(
      fc.property(damaged(), outside, outside, (text, before, after) => {
        const [from, end] = [before.length, before.length + text.length]
        const at = scanJson(text, 100)
        expect(scanJson(before + text + after, 100, from, end)).toBe(at < 0 ? -1 : from + at)
      }),
      { numRuns: 1_000 },
    )
  })

  it.each([
    ['[1]', 0, 2],
    ['[tru]e', 1, 4],
    ['12', 1, 1],
    ['"a"', 0, 2],
    [`"${'x'.repeat(200)}"`, 0, 100],
    ['"\\u0041"', 0, 5],
    ['{"a":1}', 0, 5],
  ])('refuses %j from %i to %i, where only its end is wrong', (text, from, end) => {
    expect(scanJson(text, 10, from, end)).toBe(end)
  })
})

/** What would go on with a value, or close it. */
const outside = fc.constantFrom(
  '',
  '\n',
  '1',
  '"',
  ']',
  '}',
  'e',
  ',1',
  ' ',
  'true',
  'x'.repeat(99),
)

/** JSON with up to four characters removed, replaced or put in. */
function damaged(): fc.Arbitrary<string> {
  const piece = fc.constantFrom(
    ...'{}[]:,"\\ \n\t\u0001\u00a0é😀0123456789-+.eEtrufalsn/xu',
    'null',
    '\\u12',
  )
  const edit = fc.tuple(fc.nat(), fc.integer({ min: 0, max: 2 }), piece)
  const edits = fc.array(edit, { maxLength: 4 })
  return fc.tuple(fc.json({ maxDepth: 4, stringUnit: 'grapheme' }), edits).map(([json, all]) =>
    all.reduce((text, [place, removed, put]) => {
      const at = place % (text.length + 1)
      return text.slice(0, at) + put + text.slice(at + removed)
    }, json),
  )
}

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  return 1 + Math.max(0, ...Object.values(value).map(depthOf))
}
