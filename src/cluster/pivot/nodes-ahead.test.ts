import { expect, it } from 'vitest'
import { silentLogger } from '../../ports/index.ts'
import { systemRuntime } from '../../runtime/index.ts'
import { NodesAhead } from './nodes-ahead.ts'

/** A leader of one key, whose nodes say how far they are when it is time. */
function leading(theirs: Record<string, bigint | Error>, ours = 10n) {
  const timers: (() => void)[] = []
  const ahead: string[] = []
  const nodes = new NodesAhead({
    nodes: () => Object.keys(theirs),
    keys: () => ['users/*'],
    theirs: async (address) => {
      const told = theirs[address] as bigint | Error
      if (typeof told !== 'bigint') throw told
      return told
    },
    ours: async () => ours,
    onAhead: (address, key) => ahead.push(`${address} ${key}`),
    runtime: {
      ...systemRuntime,
      timer(ms, ring) {
        if (ms === 3_000) timers.push(ring)
        return { cancel() {} }
      },
    },
    logger: silentLogger,
  })
  const look = async () => {
    const ring = timers.pop()
    ring?.()
    while (ring !== undefined && timers.length === 0)
      await new Promise<void>((resolve) => setImmediate(resolve))
  }
  return { nodes, ahead, look, timers }
}

it('K1: a node that stays further than this server is looked at, once', async () => {
  const { ahead, look } = leading({ 'a:1': 11n, 'b:1': 10n, 'c:1': 0n })
  await look()
  expect(ahead).toEqual([])
  await look()
  expect(ahead).toEqual(['a:1 users/*'])
  for (let times = 0; times < 3; times++) await look()
  expect(ahead).toHaveLength(1)
})

it('one that goes on is sending: it is not looked at until it stands still', async () => {
  const theirs = { 'a:1': 11n }
  const { ahead, look } = leading(theirs)
  for (const next of [12n, 13n, 14n]) {
    await look()
    theirs['a:1'] = next
  }
  expect(ahead).toEqual([])
  await look()
  await look()
  expect(ahead).toEqual(['a:1 users/*'])
  theirs['a:1'] = 15n
  await look()
  await look()
  expect(ahead).toHaveLength(2)
})

it('one that fails is asked again, and from the beginning', async () => {
  const theirs: Record<string, bigint | Error> = { 'a:1': 11n }
  const { ahead, look } = leading(theirs)
  await look()
  theirs['a:1'] = new Error('refused')
  await look()
  theirs['a:1'] = 11n
  await look()
  expect(ahead).toEqual([])
  await look()
  expect(ahead).toEqual(['a:1 users/*'])
})

it('asks nobody any more once it is closed, and may be closed twice', async () => {
  const { nodes, ahead, look, timers } = leading({ 'a:1': 11n })
  await look()
  await nodes.close()
  await nodes.close()
  timers.pop()?.()
  await nodes.close()
  expect(ahead).toEqual([])
  expect(timers).toEqual([])
})
