import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { characters } from '../json/fixtures/characters.ts'
import { systemRuntime } from '../runtime/index.ts'
import { names } from './fixtures/events.ts'
import { idProblem, isNodeId, type NodeId, newOrigin, nodeOf, parseOrigin } from './ids.ts'

describe('an id', () => {
  it('may be any text within the limit', () => {
    fc.assert(fc.property(names(), (name) => idProblem(name, 255) === undefined))
  })

  it.each([
    ['number', 7],
    ['nothing', undefined],
    ['null', null],
    ['object', {}],
    ['array of one', ['a']],
  ])('must be a string, not a %s', (_, value) => {
    expect(idProblem(value, 255)).toBe('must be a string')
  })

  it.each([
    ['', 'must not be empty'],
    ['a\nb', 'must not contain control characters'],
    ['\u0000', 'must not contain control characters'],
    ['\u001f', 'must not contain control characters'],
    ['a\u007f', 'must not contain control characters'],
    ['😀\t', 'must not contain control characters'],
    ['\ud800', 'has a lone surrogate, which no UTF-8 can carry'],
    ['a\udc00b', 'has a lone surrogate, which no UTF-8 can carry'],
    ['x'.repeat(256), 'has 256 bytes, at most 255 are allowed'],
    ['é'.repeat(128), 'has 256 bytes, at most 255 are allowed'],
    ['😀'.repeat(64), 'has 256 bytes, at most 255 are allowed'],
  ])('%j is refused', (text, problem) => {
    expect(idProblem(text, 255)).toBe(problem)
  })

  it.each(['x'.repeat(255), `${'é'.repeat(127)}x`, `${'😀'.repeat(63)}abc`])(
    'counts bytes: %s is just right',
    (text) => {
      expect(idProblem(text, 255)).toBeUndefined()
      expect(idProblem(text, 254)).toContain('255 bytes')
    },
  )

  it('never holds a line feed, whatever comes in: the content hash depends on it', () => {
    const text = fc.oneof(
      fc.string({ unit: characters() }),
      fc.string({ unit: fc.constantFrom('a', '\n', '\r') }),
    )
    fc.assert(fc.property(text, (any) => idProblem(any, 255) !== undefined || !any.includes('\n')))
  })
})

describe('a node id', () => {
  it.each(['a', 'kitchen-tablet_2.local', 'x'.repeat(255)])('%s is one', (text) => {
    expect(isNodeId(text)).toBe(true)
  })

  it.each(['', 'a b', 'a~b', 'é', 'a/b', 'a\n', 'x'.repeat(256)])('%j is none', (text) => {
    expect(isNodeId(text)).toBe(false)
  })
})

describe('an origin', () => {
  it('is a node with a fresh incarnation', () => {
    const node = 'kitchen.tablet' as NodeId
    const [one, other] = [newOrigin(node, systemRuntime), newOrigin(node, systemRuntime)]
    expect(one).not.toBe(other)
    expect(nodeOf(one)).toBe(node)
    expect(parseOrigin(one)).toBe(one)
    expect(newOrigin(node, { randomBytes: (length) => new Uint8Array(length).fill(10) })).toBe(
      'kitchen.tablet~0a0a0a0a0a0a0a0a',
    )
  })

  it.each([
    '',
    'node',
    '~0123456789abcdef',
    'node~0123456789abcde',
    'node~0123456789abcdef0',
    'node~0123456789ABCDEF',
    'no~de~0123456789abcdef',
    'nodé~0123456789abcdef',
    'node~0123456789abcdef\n',
    `${'x'.repeat(256)}~0123456789abcdef`,
  ])('%j is none', (text) => {
    expect(parseOrigin(text)).toBeUndefined()
  })
})
