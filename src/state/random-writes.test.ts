import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { property } from '../../test/property.ts'
import { matchesPattern, type StateStorage } from '../contracts/index.ts'
import { MemoryStateStorage } from '../store/memory/index.ts'
import { SqliteStateStorage } from '../store/sqlite/index.ts'
import { type Notice, openState, type StateTree } from './index.ts'

const folder = mkdtempSync(join(tmpdir(), 'rejoin-state-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0
const storages: Readonly<Record<string, () => Promise<StateStorage>>> = {
  memory: () => MemoryStateStorage.open(),
  'memory over sqlite': () =>
    SqliteStateStorage.open({ path: join(folder, `${files++}.db`), durability: 'normal' }),
}

/** What a naive reader of the feed has: paths and their data. */
type Model = Map<string, unknown>

describe.each(Object.keys(storages))('random writes to %s', (name) => {
  const path = fc.constantFrom('a', 'b', 'a/1', 'a/2', 'a/3', 'b/1', 'a/1/x', 'a/2/x')
  const pattern = fc.constantFrom('a/*', '*', 'a/*/x', '*/1', 'a/1')
  const data = fc.oneof(
    fc.nat(9),
    fc.dictionary(fc.constantFrom('x', 'y', '__proto__'), fc.nat(9), { noNullPrototype: true }),
  )
  const act = fc.oneof(
    fc.record({ do: fc.constant('set' as const), path, data, isNew: fc.boolean() }),
    fc.record({ do: fc.constant('patch' as const), path, data }),
    fc.record({ do: fc.constant('count' as const), path }),
    fc.record({ do: fc.constant('push' as const), pattern: fc.constant('a/*'), data }),
    fc.record({ do: fc.constant('delete' as const), pattern: fc.oneof(path, pattern) }),
    fc.record({ do: fc.constant('look' as const), pattern }),
    fc.record({ do: fc.constant('rest' as const) }),
  )

  it('by several callers at once: feed, listeners, lists and answers agree (T3, T5)', () =>
    property(
      fc.array(fc.array(act, { maxLength: 12 }), { minLength: 1, maxLength: 5 }),
      async (callers) => {
        const state = await openState({
          storage: await (storages[name] as () => Promise<StateStorage>)(),
        })
        try {
          await check(state, callers)
        } finally {
          await state.close()
        }
      },
      40,
    ))

  async function check(state: StateTree, callers: readonly (readonly Act[])[]): Promise<void> {
    const heard: Notice[] = []
    const patterns = ['*', '*/*', '*/*/*']
    for (const one of patterns) state.observe(one, (notice) => heard.push(notice))
    await Promise.all(callers.map((acts) => call(state, acts)))

    const changes = heard
      .flatMap((notice) => notice.changes)
      .toSorted((one, other) => Number(one.position - other.position))
    // Each change once, without gaps, and no two at one time.
    expect(changes.map(({ position }) => position)).toEqual(changes.map((_, at) => BigInt(at + 1)))
    const model: Model = new Map()
    let last = 0n
    for (const { path, object, before } of changes) {
      expect(before?.data).toEqual(model.get(path))
      if (object === undefined) model.delete(path)
      else {
        const { created, updated } = object
        expect(created === updated).toBe(false)
        const time = updated === 0n ? created : updated
        expect(time > last).toBe(true)
        last = time
        model.set(path, object.data)
      }
    }
    // Lists, gets and keys are what listeners were told.
    for (const one of [...patterns, 'a/*', '*/1', 'a/*/x', 'a/1']) {
      const { objects } = await state.snapshot(one, { order: 'path' })
      const expected = [...model]
        .filter(([path]) => matchesPattern(one, path))
        .toSorted(([first], [second]) => (first < second ? -1 : 1))
      expect(objects.map(({ path, data }) => [path, data])).toEqual(expected)
    }
    for (const path of ['a', 'a/1', 'a/2/x', 'c']) {
      const object = await state.get(path)
      expect(object?.data).toEqual(model.get(path))
    }
    expect((await state.keys({ limit: 10_000 })).keys).toEqual([...model.keys()].toSorted())
    // And the feed has each path once, at its last change.
    const { rows } = await state.replica().feed({ count: 10_000 })
    const latest = new Map(changes.map((one) => [one.path, one.position]))
    expect(rows.map(({ path, position }) => [path, position])).toEqual(
      [...latest].toSorted(([, one], [, other]) => Number(one - other)),
    )
    const counted = callers.flat().filter((one) => one.do === 'count').length
    expect(counts(changes)).toBe(counted)
  }
})

type Act =
  | { readonly do: 'set'; readonly path: string; readonly data: unknown; readonly isNew: boolean }
  | { readonly do: 'patch'; readonly path: string; readonly data: unknown }
  | { readonly do: 'count'; readonly path: string }
  | { readonly do: 'push'; readonly pattern: string; readonly data: unknown }
  | { readonly do: 'delete' | 'look'; readonly pattern: string }
  | { readonly do: 'rest' }

async function call(state: StateTree, acts: readonly Act[]): Promise<void> {
  for (const act of acts) {
    if (act.do === 'rest') await Promise.resolve()
    else if (act.do === 'look') await state.list(act.pattern)
    else if (act.do === 'push') await state.push(act.pattern, act.data)
    else if (act.do === 'delete') await state.delete(act.pattern)
    else if (act.do === 'count')
      await state.update(act.path, (held) => ({ counted: counted(held?.data) + 1 }))
    else if (act.do === 'set')
      await state.set(act.path, act.data, act.isNew ? { expected: 'none' } : {})
    // What does not fit changes nothing, which the model shows.
    else if (act.do === 'patch')
      await state
        .patch(act.path, act.data)
        .catch((error) => expect(error.code).toBe('invalid_argument'))
  }
}

function counted(data: unknown): number {
  return (data as { readonly counted?: number } | undefined)?.counted ?? 0
}

/** Increments by one of what stood there: nobody came between reading and writing. */
function counts(changes: Notice['changes']): number {
  return changes.filter(({ object, before }) => {
    const next = { counted: counted(before?.data) + 1 }
    return JSON.stringify(object?.data) === JSON.stringify(next)
  }).length
}
