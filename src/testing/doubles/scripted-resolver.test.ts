import { describe, expect, it } from 'vitest'
import type { Conflict, Resolution, Resolver } from '../../contracts/index.ts'
import { scriptedResolver } from './scripted-resolver.ts'

const first: Resolution = { kind: 'keep', winners: [0] }
const review: Resolution = { kind: 'review', reason: 'as the script says' }
const keepsFirst: Resolver = { name: 'keeps the first', resolve: () => first }
const conflict: Conflict = { aggregateId: 'a', key: 'a:T', base: [], events: [], branches: [] }

describe('a scripted resolver', () => {
  it('is the resolver that it stands for, until its script says otherwise', () => {
    const resolver = scriptedResolver(keepsFirst)
    expect(resolver.name).toBe('keeps the first')
    expect(resolver.resolve(conflict)).toBe(first)
  })

  it('fails the n-th call, counted from when it is told', () => {
    const resolver = scriptedResolver(keepsFirst)
    const error = new Error('no idea')
    resolver.resolve(conflict)
    resolver.script.fail(error, { nth: 2 })
    expect(resolver.resolve(conflict)).toBe(first)
    expect(() => resolver.resolve(conflict)).toThrow(error)
    expect(resolver.resolve(conflict)).toBe(first)
  })

  it('answers what a hook makes of the real answer', () => {
    const resolver = scriptedResolver(keepsFirst)
    const seen: Resolution[] = []
    resolver.script.through((resolve, given) => {
      seen.push(resolve(given))
      return review
    })
    expect(resolver.resolve(conflict)).toBe(review)
    expect(seen).toEqual([first])
  })

  it('has what is asked for first go around what is asked for later', () => {
    const resolver = scriptedResolver(keepsFirst)
    const error = new Error('no idea')
    resolver.script.through((resolve, given) => {
      try {
        return resolve(given)
      } catch {
        return review
      }
    })
    resolver.script.fail(error)
    expect(resolver.resolve(conflict)).toBe(review)
  })

  it('records what it was asked, and what came of it', () => {
    const resolver = scriptedResolver(keepsFirst)
    const error = new Error('no idea')
    resolver.script.fail(error, { nth: 2 })
    resolver.resolve(conflict)
    expect(() => resolver.resolve(conflict)).toThrow()
    expect(resolver.script.calls).toEqual([
      { conflict, outcome: 'returned', result: first },
      { conflict, outcome: 'threw', result: error },
    ])
  })

  it('goes straight through again after a reset', () => {
    const resolver = scriptedResolver(keepsFirst)
    resolver.script.fail(new Error('no idea'))
    resolver.script.reset()
    expect(resolver.resolve(conflict)).toBe(first)
  })

  it.each([0, 1.5])('refuses a call number of %s', (nth) => {
    expect(() => scriptedResolver(keepsFirst).script.fail(new Error(), { nth })).toThrow(/nth/)
  })
})
