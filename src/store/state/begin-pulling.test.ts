import { describe, expect, it, onTestFinished } from 'vitest'
import type { LinkedChange, StateStorage } from '../../contracts/index.ts'
import { aroundCalls, syncOnce } from '../../link/index.ts'
import { systemRuntime } from '../../runtime/index.ts'
import { memoryTransport } from '../../transport/memory/index.ts'
import { MemoryStateStorage } from '../memory/index.ts'
import { patternFilter } from './index.ts'

describe('T2: what a member pushes, and its leader has deleted, goes there as well', () => {
  it('also when its first page came only after the leader had forgotten that', async () => {
    const { leader, member, forget } = await apart()
    const lost = await sync(member, leader, async () => {
      throw new Error('the answer is lost')
    })
    expect(lost.errors).toHaveLength(1)
    expect(await sentTo(leader, member)).toBe(true)
    await forget()
    for (let round = 0; round < 2; round++) await sync(member, leader)
    for (const storage of [leader, member]) expect(await living(storage)).toEqual(['items/other'])
    expect((await leader.late()).map(({ change }) => change.path)).toEqual(['items/deleted'])
  })

  it('also when the leader forgets that while the first page is on its way', async () => {
    const { leader, member, forget } = await apart()
    let isFirst = true
    await sync(member, leader, async (page) => {
      if (isFirst) {
        isFirst = false
        while (!(await sentTo(leader, member))) await new Promise((turn) => setImmediate(turn))
        await forget()
      }
      return page()
    })
    await sync(member, leader)
    for (const storage of [leader, member]) expect(await living(storage)).toEqual(['items/other'])
  })

  it('and nothing is sent again where the leader has forgotten nothing since', async () => {
    const { leader, member } = await apart()
    await sync(member, leader, async () => {
      throw new Error('the answer is lost')
    })
    const { generation } = await member.link((await leader.identity()).origin)
    const { pushed, errors } = await sync(member, leader)
    expect([pushed, errors]).toEqual([0, []])
    expect((await member.link((await leader.identity()).origin)).generation).toBe(generation)
    for (const storage of [leader, member]) expect(await living(storage)).toEqual(['items/other'])
  })
})

describe('T2: what a member has given, deleted, and forgotten before it said so', () => {
  it('goes from its leader as well, which is asked for it again', async () => {
    const time = { now: 1_800_000_000_000 }
    const [leader, member] = [await opened('leader', time), await opened('member', time)]
    const written = BigInt(time.now) * 1_000_000n
    for (const [at, name] of ['deleted', 'kept', 'other'].entries())
      await put(member, `items/${name}`, written + BigInt(at))
    for (let round = 0; round < 2; round++) await sync(member, leader)
    await put(member, 'items/deleted', written + 9n, null)
    await member.sweep(usual)
    time.now += 31 * day
    expect((await member.sweep(usual)).dropped).toBe(1)
    for (let round = 0; round < 2; round++) await sync(member, leader)
    for (const storage of [leader, member])
      expect(await living(storage)).toEqual(['items/kept', 'items/other'])
    expect((await member.late()).map(({ change }) => change.path)).toEqual(['items/deleted'])
  })
})

/** A member that has what its leader has deleted, and has never been there. */
async function apart() {
  const time = { now: 1_800_000_000_000 }
  const [leader, member] = [await opened('leader', time), await opened('member', time)]
  const written = BigInt(time.now) * 1_000_000n
  await put(member, 'items/deleted', written)
  await put(leader, 'items/deleted', written + 1n, null)
  await put(member, 'items/other', written + 2n)
  await leader.sweep(usual)
  return {
    leader,
    member,
    async forget() {
      time.now += 31 * day
      expect((await leader.sweep(usual)).dropped).toBe(1)
    },
  }
}

async function opened(node: string, time: { readonly now: number }): Promise<StateStorage> {
  const runtime = { ...systemRuntime, now: () => time.now }
  const storage = await MemoryStateStorage.open({ node, runtime })
  onTestFinished(() => storage.close())
  return storage
}

async function put(
  storage: StateStorage,
  path: string,
  updated: bigint,
  dataText: '1' | null = '1',
) {
  const { end } = await storage.rows([])
  const change = { path, created: 0n, updated, dataText, note: '' }
  await storage.commit({ expects: end, changes: [change] })
}

/** One sync; what becomes of each of its pulls is told by `page`. */
function sync(
  member: StateStorage,
  leader: StateStorage,
  page: <T>(pull: () => Promise<T>) => Promise<T> = (pull) => pull(),
) {
  const transport = aroundCalls(memoryTransport<LinkedChange>(leader), (operation, call, signal) =>
    operation === 'pull' ? page(() => call(signal)) : call(signal),
  )
  const filter = patternFilter(['items/*'], systemRuntime)
  return syncOnce<LinkedChange>({ replica: member, transport, filter, batch: { count: 1 } })
}

/** All that the member had is with the leader, as far as it knows. */
async function sentTo(leader: StateStorage, member: StateStorage): Promise<boolean> {
  return (await member.link((await leader.identity()).origin)).pushed !== ''
}

async function living(storage: StateStorage): Promise<readonly string[]> {
  const { rows } = await storage.list()
  return rows.map(({ path }) => path).toSorted()
}

const day = 24 * 60 * 60 * 1_000
const usual = { minimumAge: day, horizon: 30 * day }
