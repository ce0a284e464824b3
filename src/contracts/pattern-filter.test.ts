import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { property } from '../../test/property.ts'
import { systemRuntime } from '../runtime/index.ts'
import { patternFilter, patternFilterFrom } from './index.ts'

const where = { operation: 'test', component: 'contracts' }

describe('a filter of patterns', () => {
  it('is the same when its text is read at the other end', () => {
    const filter = patternFilter(['users/*', 'a', 'users/*'], systemRuntime)
    expect(filter.text).toBe('{"patterns":["a","users/*"]}')
    const read = patternFilterFrom(filter.text, systemRuntime, where)
    expect([read.text, read.fingerprint]).toEqual([filter.text, filter.fingerprint])
    const shown = ['a', 'users/1', 'b', 'users', 'users/1/x'].map((path) => read.aggregate?.(path))
    expect(shown).toEqual([true, true, false, false, false])
  })

  it.each([
    ['nothing', ''],
    ['no JSON', '{"patterns":['],
    ['a list', '["a"]'],
    ['null', 'null'],
    ['no patterns', '{}'],
    ['an empty list', '{"patterns":[]}'],
    ['what is no list', '{"patterns":"a"}'],
    ['a pattern that is none', '{"patterns":["a//b"]}'],
    ['a number', '{"patterns":[7]}'],
    ['deep lists', '{"patterns":[["a"]]}'],
    ['another field', '{"patterns":["a"],"types":["b"]}'],
    ['a filter of events', '{"aggregates":["a"]}'],
    [
      'too many',
      JSON.stringify({ patterns: Array.from({ length: 10_001 }, (_, at) => `a/${at}`) }),
    ],
    ['too long', JSON.stringify({ patterns: ['a'], x: 'x'.repeat(300_000) })],
  ])('X1: %s is refused', (_, text) => {
    expect(() => patternFilterFrom(text, systemRuntime, where)).toThrow(
      expect.objectContaining({ code: 'invalid_argument' }),
    )
  })

  it('X1: whatever is read is a filter or refused', () =>
    property(fc.json(), async (text) => {
      try {
        expect(patternFilterFrom(text, systemRuntime, where).text).toContain('patterns')
      } catch (error) {
        expect(error).toMatchObject({ code: 'invalid_argument' })
      }
    }))
})
