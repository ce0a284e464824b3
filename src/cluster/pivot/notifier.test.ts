import { expect, it } from 'vitest'
import { systemRuntime } from '../../runtime/index.ts'
import { openState } from '../../state/index.ts'
import { PivotNotifier, type PivotNotifierOptions } from './notifier.ts'

interface Call {
  readonly line: string
  readonly answer: (error?: Error) => void
}

/** A leader of two keys whose nodes answer when they are told to. */
async function leading(
  nodes: { address: string; healthy: boolean }[],
  options: Partial<PivotNotifierOptions> = {},
) {
  const tree = await openState()
  const storage = tree.replica()
  const calls: Call[] = []
  const outcomes: string[] = []
  let came = Promise.withResolvers<void>()
  const notifier = new PivotNotifier({
    keys: () => [
      { path: 'users/*', storage },
      { path: 'settings', storage },
    ],
    nodes: () => nodes,
    call: (address, key) =>
      new Promise((resolve, reject) => {
        const answer = (error?: Error) => (error === undefined ? resolve() : reject(error))
        calls.push({ line: `${address} ${key}`, answer })
        came.resolve()
      }),
    onOutcome: (address, isWell) => outcomes.push(`${address} ${isWell}`),
    ...options,
  })
  const until = async (holds: () => boolean) => {
    while (!holds()) {
      came = Promise.withResolvers()
      await Promise.race([came.promise, rest()])
    }
  }
  /** All calls until now, answered. */
  const answered = async (count: number) => {
    await until(() => calls.length >= count)
    const lines = calls.map(({ line }) => line)
    for (const { answer } of calls.splice(0)) answer()
    await rest()
    return lines.toSorted()
  }
  await notifier.follow(storage)
  return {
    tree,
    notifier,
    calls,
    outcomes,
    answered,
    until,
    async [Symbol.asyncDispose]() {
      await notifier.close()
      await tree.close()
    },
  }
}

/** All that is ready has run. */
async function rest() {
  for (let turn = 0; turn < 5; turn++)
    await new Promise<void>((resolve) => systemRuntime.soon(resolve))
}

const node = (address: string, healthy = true) => ({ address, healthy })

it('a node that is new is told of every key: nobody knows what it has missed', async () => {
  await using leader = await leading([node('a:1'), node('b:1')])
  expect(await leader.answered(4)).toEqual([
    'a:1 settings',
    'a:1 users/*',
    'b:1 settings',
    'b:1 users/*',
  ])
})

it('each commit is told to all nodes side by side, by its key', async () => {
  await using leader = await leading([node('a:1'), node('b:1')])
  await leader.answered(4)
  await leader.tree.set('users/x', 1)
  expect(await leader.answered(2)).toEqual(['a:1 users/*', 'b:1 users/*'])
  await leader.tree.set('settings', 1)
  expect(await leader.answered(2)).toEqual(['a:1 settings', 'b:1 settings'])
  await leader.tree.set('others/x', 1)
  await leader.tree.delete('users/x')
  expect(await leader.answered(2)).toEqual(['a:1 users/*', 'b:1 users/*'])
})

it('K2: however many commits there are, a node has one call of a key under way and one waiting', async () => {
  await using leader = await leading([node('a:1')])
  await leader.answered(2)
  for (let at = 0; at < 50; at++) await leader.tree.set(`users/u${at}`, at)
  await rest()
  expect(leader.calls).toHaveLength(1)
  expect(await leader.answered(1)).toEqual(['a:1 users/*'])
  expect(await leader.answered(1)).toEqual(['a:1 users/*'])
  await rest()
  expect(leader.calls).toEqual([])
})

it('whoever sent a change is not told of it, but of what comes after', async () => {
  await using leader = await leading([node('a:1'), node('b:1')])
  await leader.answered(4)
  const { notifier, tree } = leader
  const time = 1_767_600_000_000_000_000n
  notifier.coming({ path: 'users/x', time, originator: 'a:1' })
  const change = { path: 'users/x', created: time, updated: 0n, dataText: '1', note: '' }
  await tree.replica().apply({ via: 'a~0' as never, role: 'pushed', changes: [change] })
  expect(await leader.answered(1)).toEqual(['b:1 users/*'])
  await tree.set('users/x', 2)
  expect(await leader.answered(2)).toEqual(['a:1 users/*', 'b:1 users/*'])
})

it('one that is away is not called, and told once when it is back', async () => {
  const nodes = [node('a:1', false), node('b:1')]
  await using leader = await leading(nodes)
  expect(await leader.answered(2)).toEqual(['b:1 settings', 'b:1 users/*'])
  for (let at = 0; at < 5; at++) await leader.tree.set('users/x', at)
  expect(await leader.answered(1)).toEqual(['b:1 users/*'])
  nodes[0] = node('a:1')
  leader.notifier.look()
  const told = await leader.answered(2)
  expect(told.filter((line) => line.startsWith('a:1'))).toEqual(['a:1 settings', 'a:1 users/*'])
})

it('a call that fails is told of, and made again', async () => {
  const due: (() => void)[] = []
  const runtime = {
    ...systemRuntime,
    timer: (ms: number, ring: () => void) => {
      if (ms === 3_000) due.push(ring)
      return { cancel() {} }
    },
  }
  await using leader = await leading([node('a:1')], { runtime })
  await leader.answered(2)
  await leader.tree.set('users/x', 1)
  await leader.until(() => leader.calls.length === 1)
  leader.calls.splice(0)[0]?.answer(new Error('refused'))
  await leader.until(() => due.length === 1)
  expect(leader.outcomes.at(-1)).toBe('a:1 false')
  expect(leader.calls).toEqual([])
  due[0]?.()
  expect(await leader.answered(1)).toEqual(['a:1 users/*'])
  expect(leader.outcomes.at(-1)).toBe('a:1 true')
})

it('a call that is not answered ends after 5 seconds', async () => {
  const due: (() => void)[] = []
  const runtime = {
    ...systemRuntime,
    timer: (ms: number, ring: () => void) => {
      if (ms === 5_000) due.push(ring)
      return { cancel() {} }
    },
  }
  await using leader = await leading([node('a:1')], { runtime })
  await leader.until(() => due.length === 2)
  for (const ring of due) ring()
  await leader.until(() => leader.outcomes.length === 2)
  expect(leader.outcomes).toEqual(['a:1 false', 'a:1 false'])
})

it('K2: a writer waits for nobody: not with 50 nodes that never answer', async () => {
  const nodes = Array.from({ length: 50 }, (_, at) => node(`n${at}:1`))
  await using leader = await leading(nodes)
  for (let at = 0; at < 20; at++) await leader.tree.set('users/x', at)
  expect((await leader.tree.get('users/x'))?.data).toBe(19)
  await leader.until(() => leader.calls.length === 100)
})

it('a node that is gone is forgotten', async () => {
  const nodes = [node('a:1', false)]
  await using leader = await leading(nodes)
  await leader.tree.set('users/x', 1)
  nodes.length = 0
  leader.notifier.look()
  nodes.push(node('a:1'))
  leader.notifier.look()
  expect(await leader.answered(2)).toEqual(['a:1 settings', 'a:1 users/*'])
})

it('ends with its calls, and may be ended twice', async () => {
  const leader = await leading([node('a:1')])
  await leader.until(() => leader.calls.length === 2)
  await leader.notifier.close()
  await leader.notifier.close()
  leader.notifier.look()
  leader.notifier.tell('a:1', 'users/*')
  expect(leader.calls).toHaveLength(2)
  await leader.tree.close()
})
