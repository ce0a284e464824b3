import { expect, it } from 'vitest'
import { silentLogger } from '../../ports/index.ts'
import { systemRuntime } from '../../runtime/index.ts'
import { NodeDoubts } from './node-doubts.ts'

/** Nodes whose lists come when they are told to, and a clock that stands still. */
function doubting() {
  const takes: { line: string; done: () => void; fail: () => void }[] = []
  const told: string[] = []
  const clock = { now: 1_000 }
  const doubts = new NodeDoubts({
    take: (address, key) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      const fail = () => reject(new Error('nobody is there'))
      takes.push({ line: `${address} ${key}`, done: resolve, fail })
      return promise
    },
    onTold: (key) => told.push(key),
    signal: new AbortController().signal,
    runtime: {
      ...systemRuntime,
      monotonic: () => clock.now,
      timer: (ms, run) => systemRuntime.timer(ms < 1_000 ? 0 : ms, run),
    },
    logger: silentLogger,
  })
  return { doubts, takes, told, clock }
}

it('who asks waits for what nodes have that were away, and then may hear', async () => {
  const { doubts, takes, told } = doubting()
  doubts.add('a:1', 'users/*')
  doubts.add('b:1', 'users/*')
  doubts.add('b:1', 'settings')
  const asked = doubts.mayTell('users/*')
  expect(takes.map(({ line }) => line)).toEqual(['a:1 users/*', 'b:1 users/*'])
  for (const { done } of takes) done()
  expect(await asked).toBe(true)
  expect(told).toEqual([])
  expect([doubts.of('a:1'), doubts.of('b:1')]).toEqual([[], ['settings']])
  expect(await doubts.mayTell('users/*')).toBe(true)
  expect(takes).toHaveLength(2)
})

it('who asks meanwhile, such as the node itself before it answers, is not told, and all are told later', async () => {
  const { doubts, takes, told } = doubting()
  doubts.add('a:1', 'users/*')
  const asked = doubts.mayTell('users/*')
  expect(await doubts.mayTell('users/*')).toBe(false)
  expect(await doubts.mayTell('settings')).toBe(true)
  expect(told).toEqual([])
  takes[0]?.done()
  expect(await asked).toBe(true)
  expect(told).toEqual(['users/*'])
})

it('who asks while a dead node is looked for waits for that, and is told', async () => {
  const { doubts, takes, told } = doubting()
  doubts.add('a:1', 'users/*')
  const asked = Promise.all([doubts.mayTell('users/*'), doubts.mayTell('users/*')])
  takes[0]?.fail()
  expect(await asked).toEqual([true, true])
  expect(told).toEqual([])
})

it('a node is looked at once at a time, whoever wants it', async () => {
  const { doubts, takes } = doubting()
  doubts.add('a:1', 'users/*')
  const all = Promise.all([doubts.settle('a:1', 'users/*'), doubts.settle('a:1', 'users/*')])
  expect(takes).toHaveLength(1)
  takes[0]?.done()
  await all
  await doubts.settle('a:1', 'users/*')
  await doubts.settle('b:1', 'users/*')
  expect(takes).toHaveLength(1)
})

it('a dead node holds nobody up again for a while, and stays in doubt', async () => {
  const { doubts, takes, clock } = doubting()
  doubts.add('a:1', 'users/*')
  const asked = doubts.mayTell('users/*')
  clock.now += 500
  takes[0]?.fail()
  expect(await asked).toBe(true)
  expect(doubts.of('a:1')).toEqual(['users/*'])
  clock.now += 999
  expect(await doubts.mayTell('users/*')).toBe(true)
  expect(takes).toHaveLength(1)
  clock.now += 1
  const again = doubts.mayTell('users/*')
  expect(takes).toHaveLength(2)
  takes[1]?.fail()
  await again
  // Whoever is about to call it has to know at once.
  const settling = doubts.settle('a:1', 'users/*')
  takes[2]?.fail()
  await expect(settling).rejects.toThrow('nobody is there')
  doubts.forget('a:1')
  await doubts.settle('a:1', 'users/*')
})
