import { describe, expect, it } from 'vitest'
import { handDriven } from '../../transport/fixtures/hand-driven.ts'
import type { ServedState } from '../fixtures/served.ts'
import { closedWithTest, servedHere } from '../fixtures/served-here.ts'
import { StateClient } from '../fixtures/state-client.ts'
import {
  openState,
  type State,
  type StateFilter,
  type StateOptions,
  type StateServerOptions,
  stateServer,
} from '../index.ts'

function served(
  filters: Record<string, StateFilter>,
  options: StateServerOptions = {},
  of?: StateOptions,
): Promise<ServedState> {
  return servedHere({ filters, ...options }, of)
}

describe('a limit', () => {
  it('on the count deletes what was created first, whoever writes', async () => {
    const { tree, call, get, server } = await served({ 'l/*': { limit: { count: 3 } } })
    const client = await new StateClient().subscribe(server, '/l/*')
    for (let n = 0; n < 5; n++) {
      await call('POST', '/l/*', n)
      expect(((await get('/l/*')) as unknown[]).length).toBeLessThanOrEqual(3)
    }
    const numbers = async () => ((await get('/l/*')) as { data: number }[]).map(({ data }) => data)
    expect(await numbers()).toEqual([4, 3, 2])
    await tree.push('l/*', 5)
    await call('POST', '/l/*', 6)
    expect(await numbers()).toEqual([6, 5, 4])
    expect(client.value).toEqual(await get('/l/*'))
    expect((await tree.keys()).total).toBe(3)
  })

  it('can show the list oldest first', async () => {
    const { call, get, server } = await served({ 'l/*': { limit: { count: 3, order: 'oldest' } } })
    const client = await new StateClient().subscribe(server, '/l/*')
    for (let n = 0; n < 5; n++) await call('POST', '/l/*', n)
    expect(await get('/l/*')).toMatchObject([{ data: 2 }, { data: 3 }, { data: 4 }])
    expect(client.value).toEqual(await get('/l/*'))
  })

  it('on the age deletes when the time has come, with no write', async () => {
    const runtime = handDriven()
    const { call, get, server } = await served(
      { 'l/*': { limit: { age: 5_000 } } },
      { runtime },
      { runtime },
    )
    const client = await new StateClient().subscribe(server, '/l/*')
    await call('POST', '/l/1', 1)
    runtime.pass(3_000)
    await call('POST', '/l/2', 2)
    runtime.pass(2_500)
    await expect.poll(() => get('/l/*')).toMatchObject([{ data: 2 }])
    expect(client.value).toEqual(await get('/l/*'))
    await call('POST', '/l/3', 3)
    runtime.pass(60_000)
    await expect.poll(() => get('/l/*')).toEqual([])
    expect(client.value).toEqual([])
  })

  it('can change, and is asked again after a while', async () => {
    const runtime = handDriven()
    let count = 5
    const { call, get } = await served(
      { 'l/*': { limit: { count: () => count, cleanup: 60_000 } } },
      { runtime },
      { runtime },
    )
    for (let n = 0; n < 8; n++) await call('POST', '/l/*', n)
    expect(await get('/l/*')).toHaveLength(5)
    count = 2
    runtime.pass(60_000)
    await expect.poll(() => get('/l/*')).toHaveLength(2)
  })

  it.each([Number.NaN, undefined, '3', Promise.resolve(3)])(
    'that says %o deletes nothing, and is logged',
    async (said) => {
      const warned: unknown[] = []
      const warn = (text: string, of: { error?: unknown } = {}) => warned.push([text, of.error])
      const logger = { debug() {}, info() {}, error() {}, warn }
      const limit = { count: (() => said) as () => number }
      const { call, get } = await served({ 'l/*': { limit } }, { logger })
      await call('POST', '/l/*', 1)
      await call('POST', '/l/*', 2)
      expect(await get('/l/*')).toHaveLength(2)
      const error = expect.objectContaining({ message: "the limit's count says no number" })
      expect(warned[0]).toEqual(['a limit could not be kept', error])
    },
  )

  it('is tried again when the storage failed', async () => {
    const runtime = handDriven()
    const tree = await openState({ runtime })
    closedWithTest(tree)
    let fails = 1
    const state = {
      snapshot: () => tree.snapshot('l/*'),
      observe: tree.observe.bind(tree),
      write: tree.write.bind(tree),
      list: async (...asked: Parameters<typeof tree.list>) => {
        if (fails-- > 0) throw new Error('the disk sleeps')
        return tree.list(...asked)
      },
    } as unknown as State
    const warned: unknown[] = []
    const logger = { debug() {}, info() {}, error() {}, warn: (text: string) => warned.push(text) }
    const filters = { 'l/*': { limit: { age: 1_000 } } }
    await tree.push('l/*', 1)
    closedWithTest(stateServer(state, { filters, runtime, logger }))
    await expect.poll(() => warned).toEqual(['a limit could not be kept'])
    runtime.pass(5_001)
    await expect.poll(() => tree.list('l/*')).toEqual([])
  })

  it('holds for what was there before', async () => {
    const tree = await openState()
    closedWithTest(tree)
    for (let n = 0; n < 5; n++) await tree.push('l/*', n)
    const server = stateServer(tree, { filters: { 'l/*': { limit: { count: 1 } } } })
    closedWithTest(server)
    await expect.poll(() => tree.list('l/*')).toHaveLength(1)
  })
})
