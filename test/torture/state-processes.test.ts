import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openState } from '../../src/state/index.ts'
import { SqliteStateStorage } from '../../src/store/sqlite/index.ts'
import { Child } from './child.ts'
import type { StateCounterSetup } from './children/state-counter.ts'
import { report, scaled, scratch } from './torture.ts'

const processes = 3
const times = scaled({ full: 300, sample: 15 })
const total = processes * times

it('L3: processes that write one state file at once undo nothing of each other, and hear of each other', async () => {
  using folder = scratch()
  const path = join(folder.path, 'state.db')
  await using state = await openState({
    storage: await SqliteStateStorage.open({ path, durability: 'normal' }),
  })
  await state.set('patched', {})
  for (let n = 0; n < times; n++) await state.set(`taken/${n}`, 'by nobody')
  const children = Array.from({ length: processes }, (_, at) =>
    Child.start('state-counter', {
      path,
      name: `p${at}-`,
      times,
      total,
    } satisfies StateCounterSetup),
  )
  try {
    await Promise.all(children.map((child) => child.said('open')))
    const here: number[] = []
    state.observe<number>('updated', ({ changes }) => {
      for (const { object } of changes) here.push(object?.data ?? 0)
    })
    for (const child of children) child.tell('go')
    // Each has heard of what the others wrote last.
    await Promise.all(children.map((child) => child.said('heard')))
    for (const child of children) child.tell('stop')
    await Promise.all(children.map((child) => child.done()))
    await state.set('mine', 'after all others')

    for (const counter of ['updated', 'compared'])
      expect((await state.get(counter))?.data, counter).toBe(total)
    expect((await state.keys({ filter: 'pushed/' })).total).toBe(total)
    expect(Object.keys((await state.get<object>('patched'))?.data ?? {})).toHaveLength(total)
    const took = children.flatMap(({ lines }) => lines.filter((line) => line.startsWith('took ')))
    expect(took.toSorted()).toEqual(Array.from({ length: times }, (_, n) => `took ${n}`).toSorted())
    expect(here.toSorted((one, other) => one - other)).toEqual(here)
    expect(here.at(-1)).toBe(total)
    report('processes on one state file', {
      'writes of each kind': total,
      'heard here': here.length,
    })
  } finally {
    await Promise.all(children.map((child) => child[Symbol.asyncDispose]()))
  }
}, 300_000)
