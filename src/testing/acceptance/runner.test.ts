import { expect, it } from 'vitest'
import { collectedRunner } from './collected-runner.ts'
import { type Capability, checkCapable } from './runner.ts'

it('a test is skipped for the first capability that is lacking, with the reason in its name', () => {
  const runner = collectedRunner()
  const nothing = async () => {}
  runner.describe('a suite', () => {
    checkCapable(runner, 'can', nothing, [true, true])
    checkCapable(runner, "can't", nothing, [true, { because: 'no disk' }, { because: 'no time' }])
  })
  expect(runner.collected).toBe(1)
  expect(runner.skipped).toEqual(["a suite > can't (skipped: no disk)"])
})

it.each<[unknown, string]>([
  [false, 'a plain false'],
  [undefined, 'a capability that is not named'],
  [{ because: ' ' }, 'a blank reason'],
])('nothing is skipped for %o: %s', (capability) => {
  const check = () =>
    checkCapable(collectedRunner(), 'some test', async () => {}, [capability as Capability])
  expect(check).toThrow(expect.objectContaining({ code: 'invalid_argument' }))
  expect(check).toThrow('some test')
})

it('what was collected is run in order, and what fails is told with its groups', async () => {
  const runner = collectedRunner()
  const ran: string[] = []
  const wrong = new Error('wrong')
  runner.describe('outer', () => {
    runner.describe('inner', () => {
      runner.it('fails', async () => {
        ran.push('fails')
        throw wrong
      })
    })
    runner.it('passes', async () => void ran.push('passes'))
  })
  expect(ran).toEqual([])
  expect(await runner.failures()).toEqual([{ name: 'outer > inner > fails', error: wrong }])
  expect(ran).toEqual(['fails', 'passes'])
})

it('a test that never ends fails, and the next one begins', async () => {
  const runner = collectedRunner({ timeout: 5 })
  runner.it('hangs', () => new Promise(() => {}))
  runner.it('is synchronous and throws', () => {
    throw new Error('at once')
  })
  runner.it('passes', async () => {})
  const failures = await runner.failures()
  expect(failures.map(({ name }) => name)).toEqual(['hangs', 'is synchronous and throws'])
  expect(String(failures[0]?.error)).toContain('5 ms')
})
