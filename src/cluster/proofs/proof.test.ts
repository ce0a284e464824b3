import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Batch, LinkedChange, StateChange, StateStorage } from '../../contracts/index.ts'
import type { EventId, LinkId, Origin } from '../../event/index.ts'
import { systemRuntime } from '../../runtime/index.ts'
import { MemoryStateStorage } from '../../store/memory/index.ts'
import { memoryTransport } from '../../transport/memory/index.ts'
import { answerTo } from './comparison.ts'
import { FollowedIndexes } from './followed-indexes.ts'
import { prove } from './proof.ts'

describe('a proof that two servers hold the same', () => {
  it('repairs whatever differs, by last write wins, and counts it (T1)', async () => {
    const counts = { equal: 0, defects: 0, deletes: 0 }
    await fc.assert(
      fc.asyncProperty(changes(), changes(), changes(), async (both, here, there) => {
        const one = await sideOf([...both, ...here])
        const other = await sideOf([...both, ...there])
        const before = differing(await living(one.storage), await living(other.storage))
        const { defects, left } = await proving(one, other)
        counts[before.length === 0 ? 'equal' : 'defects']++
        expect(defects.toSorted()).toEqual(before.toSorted())
        expect(left).toEqual([])
        expect(await living(one.storage)).toEqual(await living(other.storage))
        const model = lastOf([...both, ...here, ...there])
        for (const path of before) {
          const { found } = await one.storage.rows([path])
          expect(found[0]?.row?.updated).toBe(model.get(path)?.updated)
          if (model.get(path)?.dataText === null) counts.deletes++
        }
        await one.storage.close()
        await other.storage.close()
      }),
      { numRuns: 60 },
    )
    expect(Math.min(...Object.values(counts))).toBeGreaterThan(0)
  })

  it('takes what is on its way for no defect', async () => {
    const one = await sideOf([write('items/a', 1)])
    const other = await sideOf([write('items/a', 2)])
    const { defects } = await proving(one, other, async () => {
      await one.storage.apply({ via: link, role: 'pulled', changes: [write('items/a', 2)] })
    })
    expect(defects).toEqual([])
  })

  it('waits for what is late, and takes nothing for a defect before the link says that it is level', async () => {
    const one = await sideOf([write('items/a', 1), write('items/b', 1)])
    const other = await sideOf([write('items/a', 2), write('items/b', 2)])
    let waits = 0
    const asked: number[] = []
    const isLevelSince = (time: number) => {
      asked.push(time)
      return waits > 2
    }
    const catchUp = async () => {
      if (++waits === 3) await put(one.storage, [write('items/a', 2)])
    }
    // What is not here although all should be is one.
    expect(await proving(one, other, catchUp, isLevelSince)).toEqual({
      ...{ defects: ['items/b'], left: [] },
    })
    expect(new Set(asked)).toEqual(new Set([7]))
    await put(other.storage, [write('items/a', 3)])
    const late = proving(one, other, undefined, () => false)
    await expect(late).rejects.toMatchObject({ code: 'unavailable' })
    const { found } = await one.storage.rows(['items/a'])
    expect(found[0]?.row?.updated).toBe(2n)
  })

  it('says what neither side takes from the other, and comes to an end', async () => {
    const one = await sideOf([write('items/a', 1)])
    const other = await sideOf([write('items/a', 2)])
    // Such as one whose disk is full.
    other.storage = refusing(other.storage)
    const deaf = { ...one, storage: refusing(one.storage) }
    expect(await proving(deaf, other)).toEqual({ defects: ['items/a'], left: ['items/a'] })
  })

  it.each([
    ['is refused no more', undefined, []],
    ['is still refused where something else was written there since', 9, ['items/a']],
  ])('what was refused before and is taken now %s (K1)', async (_, since, left) => {
    const one = await sideOf([write('items/a', 5)])
    const other = await sideOf([write('items/a', 1)])
    const { origin } = await other.storage.identity()
    await park(one.storage, origin, 'items/a' as EventId)
    const apply = other.storage.apply.bind(other.storage)
    other.storage.apply = async (batch: Batch<StateChange>) => {
      const answer = await apply(batch)
      if (since !== undefined) await put(one.storage, [write('items/a', since)])
      return answer
    }
    await proving(one, other)
    const { parked } = await one.storage.link(origin)
    expect(parked.map(({ id }) => id)).toEqual(left)
  })

  it('holds to its key, and goes on from where its index was (K3)', async () => {
    const one = await sideOf([write('items/a', 1), write('other/b', 5)])
    const other = await sideOf([write('items/a', 1), write('other/b', 6)])
    expect(await proving(one, other)).toEqual({ defects: [], left: [] })
    let read = 0
    const { changes } = one.storage
    one.storage.changes = async (...asked) => {
      const page = await changes.apply(one.storage, asked)
      if (page.kind === 'page') read += page.changes.length
      return page
    }
    for (const side of [one, other]) await put(side.storage, [write('items/c', 9)])
    expect(await proving(one, other)).toEqual({ defects: [], left: [] })
    expect(read).toBe(1)
  })
})

interface Side {
  storage: StateStorage
  readonly indexes: FollowedIndexes
}

async function sideOf(changes: readonly StateChange[]): Promise<Side> {
  const storage = await MemoryStateStorage.open()
  onTestFinished(() => storage.close())
  await put(storage, changes)
  return { storage, indexes: new FollowedIndexes(storage, ['items/*'], systemRuntime) }
}

async function put(storage: StateStorage, changes: readonly StateChange[]): Promise<void> {
  await storage.apply({ via: link, role: 'pulled', changes })
}

async function park(storage: StateStorage, link: LinkId, id: EventId): Promise<void> {
  await storage.resetLink(link)
  const { generation, pushed } = await storage.link(link)
  const parked = [{ id, reason: 'clock', message: 'not yet' } as const]
  await storage.settle({ link, generation, expects: pushed, pushed, parked, unparked: [] })
}

function proving(
  one: Side,
  other: Side,
  meanwhile: () => Promise<void> = async () => {},
  isLevelSince: (time: number) => boolean = () => true,
) {
  return prove({
    key: 'items/*',
    storage: one.storage,
    indexes: one.indexes,
    transport: memoryTransport<LinkedChange>(other.storage),
    ask: async (message) => answerTo((await other.indexes.of('items/*'))!, message),
    runtime: { sleep: meanwhile, now: () => 7 },
    grace: 1_000,
    isLevelSince,
    signal: new AbortController().signal,
  })
}

function refusing(storage: StateStorage): StateStorage {
  return new Proxy(storage, {
    get(target, name) {
      if (name === 'apply')
        return async ({ changes }: { changes: readonly StateChange[] }) => ({
          kind: 'applied',
          receipts: changes.map(() => ({
            kind: 'rejected',
            reason: 'invalid',
            message: 'no',
            retryable: false,
          })),
        })
      const value = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

async function living(storage: StateStorage): Promise<ReadonlyMap<string, string>> {
  const { rows } = await storage.list({ pattern: 'items/*' })
  return new Map(
    rows
      .map(
        ({ path, created, updated, dataText }) =>
          [path, `${created} ${updated} ${dataText}`] as const,
      )
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  )
}

function differing(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): string[] {
  return [...new Set([...one.keys(), ...other.keys()])].filter(
    (path) => one.get(path) !== other.get(path),
  )
}

function lastOf(changes: readonly StateChange[]): ReadonlyMap<string, StateChange> {
  const last = new Map<string, StateChange>()
  for (const change of changes) {
    const held = last.get(change.path)
    if (held === undefined || change.updated > held.updated) last.set(change.path, change)
  }
  return last
}

/** No two at one time, unless they are the same. */
function changes(): fc.Arbitrary<StateChange[]> {
  return fc.array(
    fc
      .tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.nat(20), fc.boolean())
      .map(([name, time, isDelete]) =>
        isDelete ? remove(`items/${name}`, 2 * time + 1) : write(`items/${name}`, 2 * time + 2),
      ),
    { maxLength: 12 },
  )
}

function write(path: string, time: number): StateChange {
  return { path, created: 1n, updated: BigInt(time), dataText: String(time), note: '' }
}

function remove(path: string, time: number): StateChange {
  return { path, created: 0n, updated: BigInt(time), dataText: null, note: '' }
}

const link = 'elsewhere~0123456789abcdef' as Origin
