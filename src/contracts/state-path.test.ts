import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { property } from '../../test/property.ts'
import {
  coversPattern,
  fixedPrefix,
  indexOfPath,
  isGlob,
  listOf,
  longestPath,
  matchesPattern,
  Patterns,
  pathProblem,
  patternProblem,
  targetProblem,
} from './index.ts'

describe('a path', () => {
  it.each([
    'a',
    '7',
    'users/42',
    'users/a-b_c.d/e',
    'a.b',
    'syncs/1',
    '__proto__x'.slice(2),
    'constructor',
  ])('may be %s', (path) => {
    expect(pathProblem(path)).toBeUndefined()
    expect(targetProblem(path)).toBeUndefined()
    expect(patternProblem(path)).toBeUndefined()
  })

  it.each([
    ['', /empty/],
    ['/', /begin and end/],
    ['/a', /begin and end .*not "\/"/],
    ['a/', /begin and end .*not "\/"/],
    ['_a', /begin and end .*not "_"/],
    ['__proto__', /begin and end/],
    ['a/.', /begin and end .*not "\."/],
    ['a//b', /\/\//],
    ['a b', /" "/],
    ['ä', /"ä"/],
    ['a\u0000', /"\\u0000"/],
    ['😀', /"😀"/],
    ['a\n', /"\\n"/],
    ['a?b', /"\?"/],
    ['a/**', /\*\*/],
    ['sync', /"sync".*reserved/],
    ['sync/x', /"sync".*reserved/],
    ['health', /reserved/],
    ['metrics/a/b', /reserved/],
    ['a'.repeat(longestPath + 1), /1025 characters/],
    [undefined, /string/],
    [7, /string/],
  ])('is not %j', (path, problem) => {
    for (const check of [pathProblem, targetProblem, patternProblem])
      expect(check(path)).toMatch(problem)
  })

  it('takes reserved names from its caller', () => {
    expect(pathProblem('sync', [])).toBeUndefined()
    expect(pathProblem('mine/x', ['mine'])).toMatch(/reserved/)
  })

  it.each([
    ['*', true, true],
    ['a/*', true, true],
    ['a/*/b/*', false, true],
    ['a/*/b', false, true],
    ['*/a', false, true],
    ['a*', false, true],
  ])('%s is never one object; to write to: %s, to read: %s', (pattern, target, read) => {
    expect(pathProblem(pattern)).toMatch(/pattern/)
    expect(targetProblem(pattern) === undefined).toBe(target)
    expect(patternProblem(pattern) === undefined).toBe(read)
  })

  it('has an index and a list', () => {
    expect([indexOfPath('a/b/c'), listOf('a/b/c')]).toEqual(['c', 'a/b/*'])
    expect([indexOfPath('a'), listOf('a')]).toEqual(['a', '*'])
    expect([isGlob('a/*'), isGlob('*'), isGlob('a/*/b'), isGlob('a*')]).toEqual([
      true,
      true,
      false,
      false,
    ])
  })
})

describe('a pattern', () => {
  it.each([
    ['a', 'a', true],
    ['a/*', 'a/b', true],
    ['a/*', 'a', false],
    ['a/*', 'a/b/c', false],
    ['*', 'a', true],
    ['*', 'a/b', false],
    ['users/*/posts/*', 'users/1/posts/2', true],
    ['users/*/posts/*', 'users/1/likes/2', false],
    ['users/*/posts', 'users/1/posts', true],
    ['*/b', 'a/b', true],
    ['*/b', 'a/bc', false],
    ['a/bc', 'a/b', false],
    ['a*', 'ab', false],
  ])('%s matches %s: %s', (pattern, path, matches) => {
    expect(matchesPattern(pattern, path)).toBe(matches)
  })

  it('has a fixed beginning', () => {
    expect(['a/*', 'a/*/b/*', '*', '*/b', 'a/b', 'a*'].map(fixedPrefix)).toEqual([
      'a/',
      'a/',
      '',
      '',
      'a/b',
      'a*',
    ])
  })

  it('covers another that names no more', () => {
    expect(coversPattern('a/*', 'a/*')).toBe(true)
    expect(coversPattern('a/*', 'a/b')).toBe(true)
    expect(coversPattern('a/b', 'a/*')).toBe(false)
    expect(coversPattern('*/*', 'a/*')).toBe(true)
  })

  const segment = fc.constantFrom('a', 'b', 'ab', 'constructor')
  const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((all) => all.join('/'))
  const pattern = fc
    .array(fc.oneof(segment, fc.constant('*')), { minLength: 1, maxLength: 4 })
    .map((all) => all.join('/'))

  it('matches what its regular expression does', () =>
    property(
      fc.record({ pattern, path }),
      async (of) => {
        const expression = new RegExp(`^${of.pattern.replaceAll('*', '[^/]+')}$`)
        expect(matchesPattern(of.pattern, of.path)).toBe(expression.test(of.path))
        if (matchesPattern(of.pattern, of.path))
          expect(of.path.startsWith(fixedPrefix(of.pattern))).toBe(true)
      },
      1_000,
    ))

  it('is found in a trie by each path it matches, and no other, until it is taken out', () =>
    property(
      fc.record({ patterns: fc.array(pattern), gone: fc.array(pattern), path }),
      async ({ patterns, gone, path }) => {
        const trie = new Patterns<string>()
        for (const one of patterns) trie.set(one, one)
        const left = new Set(patterns)
        for (const one of gone) expect(trie.delete(one)).toBe(left.delete(one))
        expect(trie.size).toBe(left.size)
        expect([...trie.values()].toSorted()).toEqual([...left].toSorted())
        const expected = [...left].filter((one) => matchesPattern(one, path)).toSorted()
        expect(trie.matching(path).toSorted()).toEqual(expected)
        for (const one of patterns) expect(trie.get(one)).toBe(left.has(one) ? one : undefined)
      },
      300,
    ))
})
