import { describe, expect, it } from 'vitest'
import type { PatchForm } from './patched.ts'
import { patched } from './patched.ts'

const apply = (form: PatchForm, data: unknown, patch: unknown) =>
  JSON.parse(patched(form, JSON.stringify(data), JSON.stringify(patch)))

describe('merge', () => {
  it.each([
    [{ a: 1 }, { b: 2 }, { a: 1, b: 2 }],
    [{ a: { x: 1, y: 2 } }, { a: { y: 3 } }, { a: { x: 1, y: 3 } }],
    [{ a: 1 }, { a: null }, { a: null }],
    [{ a: { x: 1 } }, { a: null }, { a: null }],
    [{ a: null }, { a: { x: 1 } }, { a: { x: 1 } }],
    [{ a: [1, 2] }, { a: [3] }, { a: [3] }],
    [{ a: 'x' }, { a: 7 }, { a: 7 }],
    [1, 2, 2],
    ['x', [1], [1]],
    [{}, {}, {}],
    [{ a: {} }, {}, { a: {} }],
  ])('%j with %j is %j', (data, patch, expected) => {
    expect(apply('merge', data, patch)).toEqual(expected)
  })

  it.each([
    [{ a: { x: 1 } }, { a: 1 }, '/a'],
    [{ a: 1 }, { a: { x: 1 } }, '/a'],
    [{ a: [] }, { a: {} }, '/a'],
    [{ a: { b: { c: 1 } } }, { a: { b: 'x' } }, '/a/b'],
    [{ a: 1 }, 1, 'the whole'],
    [1, { a: 1 }, 'the whole'],
  ])('%j does not take %j, and says where', (data, patch, at) => {
    expect(() => apply('merge', data, patch)).toThrow(`does not fit at ${at}: `)
  })

  it('T4: leaves digits, escapes and names as they are', () => {
    const data = '{"n":1.0e2,"big":12345678901234567890,"__proto__":{"x":1},"\\u0061":"\\u00e4"}'
    expect(patched('merge', data, '{"__proto__":{"y":2.50}}')).toBe(
      '{"n":1.0e2,"big":12345678901234567890,"__proto__":{"x":1,"y":2.50},"a":"\\u00e4"}',
    )
    expect(patched('merge', data, '{"constructor":{"prototype":1}}')).toContain(
      '"constructor":{"prototype":1}',
    )
    expect(({} as Record<string, unknown>).y).toBeUndefined()
  })
})

describe('merge-patch: RFC 7396, appendix A', () => {
  it.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [
      ['a', 'b'],
      ['c', 'd'],
      ['c', 'd'],
    ],
    [{ a: 'b' }, ['c'], ['c']],
    [{ a: 'foo' }, null, null],
    [{ a: 'foo' }, 'bar', 'bar'],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('%j with %j is %j', (data, patch, expected) => {
    expect(apply('merge-patch', data, patch)).toEqual(expected)
  })
})

describe('json-patch: RFC 6902, appendix A', () => {
  it.each([
    [{ foo: 'bar' }, [{ op: 'add', path: '/baz', value: 'qux' }], { foo: 'bar', baz: 'qux' }],
    [{ foo: [1, 3] }, [{ op: 'add', path: '/foo/1', value: 2 }], { foo: [1, 2, 3] }],
    [{ foo: 1, baz: 2 }, [{ op: 'remove', path: '/baz' }], { foo: 1 }],
    [{ foo: [1, 2, 3] }, [{ op: 'remove', path: '/foo/1' }], { foo: [1, 3] }],
    [{ foo: 1, baz: 2 }, [{ op: 'replace', path: '/baz', value: 3 }], { foo: 1, baz: 3 }],
    [
      { foo: { bar: 1, waldo: 2 }, qux: { corge: 3 } },
      [{ op: 'move', from: '/foo/waldo', path: '/qux/thud' }],
      { foo: { bar: 1 }, qux: { corge: 3, thud: 2 } },
    ],
    [
      { foo: ['all', 'grass', 'cows', 'eat'] },
      [{ op: 'move', from: '/foo/1', path: '/foo/3' }],
      { foo: ['all', 'cows', 'eat', 'grass'] },
    ],
    [
      { baz: 'qux', foo: ['a', 2, 'c'] },
      [
        { op: 'test', path: '/baz', value: 'qux' },
        { op: 'test', path: '/foo/1', value: 2 },
      ],
      { baz: 'qux', foo: ['a', 2, 'c'] },
    ],
    [{ a: 1 }, [{ op: 'add', path: '/b', value: { c: {} }, xyz: 1 }], { a: 1, b: { c: {} } }],
    [{ foo: ['bar'] }, [{ op: 'add', path: '/foo/-', value: [1] }], { foo: ['bar', [1]] }],
    [{ '/': 9, '~1': 10 }, [{ op: 'test', path: '/~01', value: 10 }], { '/': 9, '~1': 10 }],
    [{ a: 1 }, [{ op: 'add', path: '', value: [1] }], [1]],
    [{ a: 1 }, [{ op: 'replace', path: '', value: null }], null],
    [{ a: 1 }, [{ op: 'add', path: '/', value: 2 }], { a: 1, '': 2 }],
    [
      { a: { b: 1 } },
      [
        { op: 'copy', from: '/a', path: '/c' },
        { op: 'replace', path: '/c/b', value: 2 },
      ],
      { a: { b: 1 }, c: { b: 2 } },
    ],
    [{ a: 1 }, [{ op: 'test', path: '/a', value: 1 }], { a: 1 }],
    [{ a: 1 }, [], { a: 1 }],
  ])('%j with %j is %j', (data, patch, expected) => {
    expect(apply('json-patch', data, patch)).toEqual(expected)
  })

  it.each([
    [{ baz: 'qux' }, [{ op: 'test', path: '/baz', value: 'bar' }], 'the test fails'],
    [{ foo: 'bar' }, [{ op: 'add', path: '/baz/bat', value: 'qux' }], 'nothing'],
    [{ a: 1 }, [{ op: 'remove', path: '/b' }], 'nothing'],
    [{ a: 1 }, [{ op: 'replace', path: '/b', value: 1 }], 'nothing'],
    [{ a: [1] }, [{ op: 'add', path: '/a/2', value: 1 }], 'nothing'],
    [{ a: [1] }, [{ op: 'remove', path: '/a/-' }], 'nothing'],
    [{ a: [1, 2] }, [{ op: 'remove', path: '/a/01' }], 'nothing'],
    [{ a: 1 }, [{ op: 'test', path: '/a/b', value: 1 }], 'nothing'],
    [{ a: {} }, [{ op: 'move', from: '/a', path: '/a/b' }], 'into itself'],
    [{ a: 1 }, [{ op: 'remove', path: '' }], 'delete the object'],
    [{ a: 1 }, [{ op: 'shift', path: '/a' }], 'no operation "shift"'],
    [{ a: 1 }, [{ op: 'add', path: '/a' }], 'needs a value'],
    [{ a: 1 }, [{ op: 'add', path: 'a', value: 1 }], 'no JSON Pointer'],
    [{ a: 1 }, [{ op: 'add', path: '/a~2', value: 1 }], 'no JSON Pointer'],
    [{ a: 1 }, [{ op: 'move', path: '/a' }], 'needs "from"'],
    [{ a: 1 }, [{ op: 7, path: '/a' }], 'needs "op"'],
    [{ a: 1 }, [7], 'an operation is an object'],
    [{ a: 1 }, { op: 'add' }, 'a list of operations'],
    [{}, Array.from({ length: 10_001 }, () => ({ op: 'test', path: '' })), 'more than 10000'],
  ])('%j does not take %j', (data, patch, message) => {
    expect(() => apply('json-patch', data, patch)).toThrow(message)
  })

  it.each([
    ['copy', (at: number) => ({ op: 'copy', from: '', path: `/${at}` })],
    ['test', () => ({ op: 'test', path: '', value: { 0: 'x'.repeat(1_000_000) } })],
  ])('X1: takes no memory and no time for many a %s of the whole', (_, operation) => {
    const data = { 0: 'x'.repeat(1_000_000) }
    const patch = Array.from({ length: 40 }, (_, at) => operation(at + 1))
    expect(() => apply('json-patch', data, patch)).toThrow('too much work')
  })

  it('makes nothing that is nested deeper than data may be', () => {
    const copy = { op: 'copy', from: '', path: `${'/a'.repeat(40)}/b` }
    const deep = () => patched('json-patch', nested(100, '1'), JSON.stringify([copy]))
    expect(deep).toThrow('nested more than 128 deep')
    const path = '/a'.repeat(129)
    expect(() => apply('json-patch', {}, [{ op: 'test', path, value: 1 }])).toThrow('128 deep')
  })

  it('T4: leaves digits and names as they are, also where it looks into', () => {
    const data = '{"a":{"n":1.0,"m":[10.00,{"__proto__":1e0}]}}'
    const patch = '[{"op":"add","path":"/a/m/1/x","value":2.0},{"op":"remove","path":"/a/m/0"}]'
    expect(patched('json-patch', data, patch)).toBe(
      '{"a":{"n":1.0,"m":[{"__proto__":1e0,"x":2.0}]}}',
    )
  })
})

describe('X1: a patch beyond the work that one may take is refused', () => {
  const megabytes = JSON.stringify('x'.repeat(8_000_000))
  const path = '/a'.repeat(119)

  it.each<[PatchForm, string]>([
    ['merge', nested(119, '{"b":1}')],
    ['merge-patch', nested(119, '{"b":1}')],
    ['json-patch', JSON.stringify([{ op: 'add', path: `${path}/b`, value: 1 }])],
  ])('%s: far down in large data', (form, patch) => {
    const refusal = expect.objectContaining({ code: 'too_large' })
    expect(() => patched(form, nested(119, `{"x":${megabytes}}`), patch)).toThrow(refusal)
    const small = nested(119, '{"x":1}')
    expect(patched(form, small, patch)).toBe(nested(119, '{"x":1,"b":1}'))
  })

  it.each<[PatchForm, string]>([
    ['merge', '{"m7":{"b":1}}'],
    ['merge-patch', '{"m7":{"b":1}}'],
    ['json-patch', '[{"op":"add","path":"/m7/b","value":1}]'],
  ])('%s: but not for the size of the data alone', (form, patch) => {
    const member = (at: number) => `"m${at}":{"x":"${'x'.repeat(100)}"}`
    const data = `{${Array.from({ length: 80_000 }, (_, at) => member(at)).join(',')}}`
    const changed = data.replace(member(7), `${member(7).slice(0, -1)},"b":1}`)
    expect(patched(form, data, patch)).toBe(changed)
  })

  it.each([
    ['adds to', (): object => ({ op: 'add', path: '/0', value: 1 })],
    ['removals from', () => ({ op: 'remove', path: '/0' })],
  ])('thousands of %s the beginning of a long list', (_, operation) => {
    const refused = expect.objectContaining({ code: 'too_large' })
    const data = `[${'1,'.repeat(500_000)}1]`
    const patch = (length: number) => JSON.stringify(Array.from({ length }, operation))
    expect(() => patched('json-patch', data, patch(10_000))).toThrow(refused)
    expect(patched('json-patch', data, patch(100)).length).toBeGreaterThan(900_000)
  })

  it.each<[PatchForm, string]>([
    ['json-patch', '[{"op":"add","path":"/0","value":1}]'],
    ['json-patch', `[${'1,'.repeat(4_000_000)}1]`],
    ['merge', `{${Array.from({ length: 400_000 }, (_, at) => `"${at}":1`).join(',')}}`],
  ])('%s: what would be millions of parts', (form, patch) => {
    const data = form === 'merge' ? '{}' : `[${'1,'.repeat(4_000_000)}1]`
    expect(() => patched(form, data, patch)).toThrow(
      expect.objectContaining({ code: 'too_large', details: { limit: 100_000_000 } }),
    )
  })

  it('tests of what is written in another way, which are slower than those of equal text', () => {
    const list = `[${'1.0,'.repeat(200_000)}1]`
    const test = (value: string) =>
      patched('json-patch', list, `[{"op":"test","path":"","value":${value}}]`)
    expect(test(list)).toBe(list)
    expect(() => test(list.replaceAll('1.0', '1'))).toThrow('too much work')
  })
})

function nested(depth: number, inner: string): string {
  return `${'{"a":'.repeat(depth)}${inner}${'}'.repeat(depth)}`
}
