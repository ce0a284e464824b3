import { expect, it } from 'vitest'
import { until } from '../../test/linked.ts'
import { MemoryStateStorage } from '../store/memory/index.ts'
import { SqliteStateStorage } from '../store/sqlite/index.ts'
import { handDriven } from '../transport/fixtures/hand-driven.ts'
import { openState } from './index.ts'

const day = 24 * 60 * 60 * 1_000

for (const kind of ['memory', 'sqlite'] as const)
  it(`T2: tombstones in ${kind} go by themselves, and what was deleted stays deleted`, async () => {
    const runtime = handDriven()
    const storage =
      kind === 'memory'
        ? await MemoryStateStorage.open({ runtime })
        : await SqliteStateStorage.open({ path: ':memory:', runtime })
    const state = await openState({ storage, runtime })
    await state.set('a/1', 1)
    await state.set('a/2', 2)
    await state.delete('a/1')
    const before = (await storage.rows(['a/1'])).found[0]?.row?.updated as bigint
    runtime.pass(60_000)
    await until(() => runtime.pending > 0, 'the next look')
    expect((await storage.status()).tombstones).toBe(1n)
    runtime.pass(day)
    await until(async () => (await storage.status()).tombstones === 0n, 'collection')
    await until(() => runtime.pending > 0, 'the next look')
    const { object } = (await state.set('a/1', 3)) as { object: { created: bigint } }
    expect(object.created > before).toBe(true)
    expect((await state.keys()).keys).toEqual(['a/1', 'a/2'])
    await state.close()
    expect(runtime.pending).toBe(0)
  })

it('nothing is collected where that is not asked for', async () => {
  const runtime = handDriven()
  const state = await openState({ runtime, collecting: false })
  expect(runtime.pending).toBe(0)
  await state.close()
})

it('a disk that fails is tried again', async () => {
  const runtime = handDriven()
  const storage = await MemoryStateStorage.open({ runtime })
  let sweeps = 0
  storage.sweep = async () => {
    sweeps++
    throw new Error('the disk is gone')
  }
  const warnings: string[] = []
  const logger = {
    debug() {},
    info() {},
    warn: (message: string) => void warnings.push(message),
    error() {},
  }
  const state = await openState({ storage, runtime, logger, collecting: { every: 1_000 } })
  for (let n = 1; n <= 3; n++) {
    runtime.pass(1_000)
    await until(() => sweeps === n && runtime.pending > 0, `sweep ${n}`)
  }
  expect(warnings).toEqual(Array.from({ length: 3 }, () => 'tombstones could not be collected'))
  await state.close()
})

it.each([{ every: 0.5 }, { minimumAge: -1 }, { horizon: 0 }, { every: '1' }])(
  'refuses %j',
  async (collecting) => {
    const opening = openState({ collecting: collecting as never })
    await expect(opening).rejects.toMatchObject({ code: 'invalid_argument' })
    await expect(opening).rejects.toThrow(/^collecting\./)
  },
)

it('a late write is restored as of now, once, or forgotten', async () => {
  const runtime = handDriven()
  const storage = await MemoryStateStorage.open({ runtime })
  const state = await openState({ storage, runtime })
  await state.set('a/1', 1)
  await state.delete('a/1')
  runtime.pass(2 * day)
  await until(async () => (await storage.status()).tombstones === 0n, 'collection')
  const change = { created: 1n, updated: 0n, note: '' }
  const late = ['a/2', 'a/3', 'a/4'].map((path) => ({ ...change, path, dataText: `"${path}"` }))
  await storage.apply({ via: 'there~0123456789abcdef' as never, role: 'pushed', changes: late })
  expect((await state.keys()).keys).toEqual([])
  const [first, second, third] = await state.late()
  expect(first?.change).toEqual(late[0])
  expect(await state.restoreLate(first!)).toMatchObject({ kind: 'written' })
  expect((await state.get('a/2'))?.data).toBe('a/2')
  expect(await state.restoreLate(first!)).toMatchObject({ kind: 'stale' })
  await state.set('a/3', 'meanwhile')
  expect(await state.restoreLate(second!)).toMatchObject({ kind: 'stale' })
  expect((await state.late({ after: second!.position })).map((one) => one.change.path)).toEqual([
    'a/4',
  ])
  expect(await state.forgetLate([third!, first!])).toBe(1)
  expect((await state.late()).map((one) => one.change.path)).toEqual(['a/3'])
  await state.close()
})
