import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { property } from '../../../test/property.ts'
import type { StateChange, StatePolicy } from '../../contracts/index.ts'
import { systemRuntime } from '../../runtime/index.ts'
import { MemoryStateStorage } from '../../store/memory/index.ts'
import { lastWriteWins } from '../../store/state/index.ts'
import { testRuntime } from '../../testing/acceptance/event-store/test-runtime.ts'
import { openState, type StateTree } from '../index.ts'
import { firstWriteWins } from './first-write-wins.ts'
import { mergeFields } from './merge-fields.ts'

const path = 'a'
const policies = [lastWriteWins, firstWriteWins, mergeFields]

describe.each(policies)('T1: $name', (policy) => {
  /** Versions as they come to be: each written by somebody who knows some of those before. */
  const histories = fc
    .array(
      fc.record({
        base: fc.nat(),
        other: fc.nat(),
        kind: fc.constantFrom('write', 'write', 'delete', 'plain'),
        data: fc.dictionary(fc.constantFrom('x', 'y', 'z'), fc.nat(2), { noNullPrototype: true }),
        late: fc.nat(2),
      }),
      { minLength: 2, maxLength: 7 },
    )
    .map((steps) => {
      const versions: StateChange[] = []
      let clock = 10n
      for (const { base, other, kind, data, late } of steps) {
        clock += BigInt(late)
        const known = [versions[base % 8], versions[other % 8]].filter((one) => one !== undefined)
        const held = known.reduce<StateChange | undefined>(
          (one, next) => (one ? policy.merge(one, next, systemRuntime) : next),
          undefined,
        )
        versions.push(...written(policy, held, kind, JSON.stringify(data), clock))
      }
      return versions
    })

  it('gives one version, whatever the order and grouping of those there are', () =>
    property(
      fc.record({
        versions: histories,
        shuffle: fc.array(fc.nat(), { minLength: 8, maxLength: 8 }),
      }),
      async ({ versions, shuffle }) => {
        const join = (all: readonly StateChange[]) =>
          all.reduce((one, other) => policy.merge(one, other, systemRuntime))
        if (versions.length === 0) return
        const expected = join(versions)
        const order = versions
          .map((one, at) => [shuffle[at] ?? 0, one] as const)
          .toSorted(([one], [other]) => one - other)
          .map(([, one]) => one)
        expect(join(order)).toEqual(expected)
        expect(join(order.toReversed())).toEqual(expected)
        const half = Math.ceil(order.length / 2)
        const groups = [order.slice(0, half), order.slice(half)].filter((one) => one.length > 0)
        expect(join(groups.map(join))).toEqual(expected)
        expect(join([expected, ...versions])).toEqual(expected)
      },
      500,
    ))
})

function written(
  policy: StatePolicy,
  held: StateChange | undefined,
  kind: string,
  dataText: string,
  clock: bigint,
): readonly StateChange[] {
  const below = held === undefined ? 0n : held.created > held.updated ? held.created : held.updated
  const time = clock > below ? clock : below + 1n
  const isNew = held === undefined || held.dataText === null
  const times = isNew ? { created: time, updated: 0n } : { created: held.created, updated: time }
  const change =
    kind === 'delete'
      ? { path, created: 0n, updated: time, dataText: null, note: '' }
      : { path, ...times, dataText, note: '' }
  // As a server without notes sends it.
  if (kind === 'plain' || policy.write === undefined) return [change]
  return [policy.write(held, change)].filter((one) => one !== undefined)
}

describe('first-write-wins', () => {
  it('keeps what stands there, until it is deleted', async () => {
    const state = await treeWith(firstWriteWins)
    await state.set('a', 'mine')
    expect(await state.set('a', 'yours')).toMatchObject({ kind: 'kept', object: { data: 'mine' } })
    expect(await state.update('a', () => 'yours')).toMatchObject({ kind: 'kept' })
    expect(await state.patch('a', '"x"')).toMatchObject({ kind: 'kept' })
    expect(await state.delete('a')).toMatchObject({ kind: 'deleted' })
    expect(await state.set('a', 'yours')).toMatchObject({ kind: 'written' })
    await state.close()
  })

  it('gives a path that two claim apart from each other to the first, on both sides', async () => {
    const [one, other] = [await treeWith(firstWriteWins), await treeWith(firstWriteWins, 1)]
    await one.set('a', 'first')
    await other.set('a', 'second')
    await exchange(one, other)
    for (const state of [one, other]) expect((await state.get('a'))?.data).toBe('first')
    await other.delete('a')
    await other.set('a', 'third')
    await exchange(one, other)
    for (const state of [one, other]) expect((await state.get('a'))?.data).toBe('third')
    await Promise.all([one.close(), other.close()])
  })
})

describe('merge-fields', () => {
  it('keeps what two changed apart from each other', async () => {
    const [one, other] = [await treeWith(mergeFields), await treeWith(mergeFields)]
    await one.set('a', { x: 1, y: 1, z: 1 })
    await exchange(one, other)
    await one.patch('a', { x: 2 })
    await other.set('a', { x: 1, y: 2 })
    await exchange(one, other)
    for (const state of [one, other]) expect((await state.get('a'))?.data).toEqual({ x: 2, y: 2 })
    await Promise.all([one.close(), other.close()])
  })

  it.each([
    ['newer than a delete live, with the changed field only', 1, { y: 2 }],
    ['older than a delete go with it', -1, undefined],
  ])('lets a change that is %s', async (_, ahead, data) => {
    const [one, other] = [await treeWith(mergeFields), await treeWith(mergeFields, ahead)]
    await one.set('a', { x: 1, y: 1 })
    await exchange(one, other)
    one.tick()
    other.tick()
    await one.delete('a')
    await other.patch('a', { y: 2 })
    await exchange(one, other)
    for (const state of [one, other]) expect((await state.get('a'))?.data).toEqual(data)
    await Promise.all([one.close(), other.close()])
  })
})

/** A tree whose clock stands still until it ticks, and is that many seconds ahead. */
async function treeWith(policy: StatePolicy, ahead = 0) {
  const runtime = testRuntime()
  runtime.wall += ahead * 1_000
  const storage = await MemoryStateStorage.open({ policies: { '*': policy }, runtime })
  const state = await openState({ storage, runtime })
  const tick = () => {
    runtime.wall += 10_000
  }
  return Object.assign(state, { tick })
}

/** What links do, both ways. */
async function exchange(one: StateTree, other: StateTree): Promise<void> {
  for (const [from, to] of [
    [one, other],
    [other, one],
    [one, other],
  ] as const) {
    const page = await from.replica().changes('' as never, { count: 1_000, bytes: 1e9 })
    if (page.kind === 'reset') throw new Error('a feed can be read from its start')
    const { origin } = await from.replica().identity()
    await to.replica().apply({ via: origin, role: 'pulled', changes: page.changes })
  }
}
