import { expect, it } from 'vitest'
import { addCounts, erasings, faults, filterings, followings, noCounts, rescues } from './counts.ts'
import { Trace } from './trace.ts'

it('a trace keeps lines for people and hashes every step', () => {
  const clock = { now: 12.34 }
  const trace = new Trace(clock)
  trace.note('a crashes')
  const { hash } = trace
  trace.step('a flush')
  expect(trace.lines).toEqual(['     12.3 a crashes'])
  expect(trace.hash).not.toBe(hash)
  trace.note('a restarts')
  expect(trace.tail(1)).toEqual(['     12.3 a restarts'])
})

it('equal traces have equal hashes; another time, order or step makes another one', () => {
  const hashOf = (...steps: [number, string][]) => {
    const clock = { now: 0 }
    const trace = new Trace(clock)
    for (const [now, step] of steps) {
      clock.now = now
      trace.step(step)
    }
    return trace.hash
  }
  const hash = hashOf([1, 'a'], [2, 'b'])
  expect(hashOf([1, 'a'], [2, 'b'])).toBe(hash)
  expect(hashOf([1, 'a'], [3, 'b'])).not.toBe(hash)
  expect(hashOf([1, 'a'])).not.toBe(hash)
  expect(hashOf([2, 'b'], [1, 'a'])).not.toBe(hash)
})

it('counts of several runs add up', () => {
  const one = { ...noCounts(), crashes: 2 }
  expect(addCounts(one, { ...noCounts(), crashes: 3, forks: 1 })).toEqual({
    ...noCounts(),
    crashes: 5,
    forks: 1,
  })
  const all = [...faults, ...filterings, ...erasings, ...followings, ...rescues]
  expect(Object.keys(noCounts())).toEqual(all)
})
