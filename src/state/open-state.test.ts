import { describe, expect, it } from 'vitest'
import type { StateStorage } from '../contracts/index.ts'
import { MemoryStateStorage } from '../store/memory/index.ts'
import { openState, type Written } from './index.ts'

describe('named storages', () => {
  it('have paths, feeds and watchers of their own, and one clock', async () => {
    const fleet = await MemoryStateStorage.open()
    await using state = await openState({ storages: { fleet } })
    expect(state.names).toEqual(['main', 'fleet'])
    const heard: string[] = []
    state.observe('*', () => heard.push('main'))
    state.storage('fleet').observe('*', () => heard.push('fleet'))
    const first = (await state.storage('fleet').set('a', 'f')) as Written
    expect(await state.get('a')).toBeUndefined()
    const second = (await state.set('a', 'm')) as Written
    expect(second.object.created > first.object.created).toBe(true)
    expect(heard).toEqual(['fleet', 'main'])
    expect((await state.storage('fleet').get('a'))?.data).toBe('f')
    expect(state.replica('fleet')).toBe(fleet)
    expect(() => state.storage('flet')).toThrow(/did you mean "fleet"/)
  })
})

describe('openState', () => {
  it.each([
    [{ storage: {} as StateStorage }, /state storage/],
    [{ storages: { main: {} as StateStorage } }, /main/],
    [{ ephemeral: { 'a//b': { ttl: 1 } } }, /ephemeral/],
    [{ ephemeral: { 'a/*': { ttl: 0 } } }, /ttl/],
    [{ reserved: 'sync' as never }, /reserved/],
    [{ dataBytes: 0 }, /dataBytes/],
    [{ logger: {} as never }, /logger/],
    [{ signal: 1 as never }, /signal/],
    [{ clock: { bound: -1 } }, /bound/],
  ])('refuses %o', async (options, message) => {
    await expect(openState(options)).rejects.toThrow(message)
  })

  it('takes a storage that is a frozen object', async () => {
    const memory = await MemoryStateStorage.open()
    const members: Record<PropertyKey, unknown> = { inMemory: false }
    for (let of = memory as object; of !== Object.prototype; of = Object.getPrototypeOf(of))
      for (const name of Reflect.ownKeys(of)) {
        const member: unknown = Reflect.get(memory, name, memory)
        members[name] ??= typeof member === 'function' ? member.bind(memory) : member
      }
    const storage = Object.freeze(members) as unknown as StateStorage
    await using state = await openState({ storage })
    expect(await state.set('a', 1)).toMatchObject({ kind: 'written' })
    expect((await memory.rows(['a'])).found).toHaveLength(1)
  })

  it('closes all storages when one of them can not be opened', async () => {
    const [good, bad] = [await MemoryStateStorage.open(), await MemoryStateStorage.open()]
    bad.rows = () => Promise.reject(new Error('broken'))
    await expect(openState({ storage: good, storages: { bad } })).rejects.toThrow('broken')
    await expect(good.list()).rejects.toMatchObject({ code: 'closed' })
    await expect(bad.list()).rejects.toMatchObject({ code: 'closed' })
  })

  it('closes once, after the writes before it, and then says so', async () => {
    const state = await openState()
    const writes = Promise.all([state.set('a', 1), state.set('b', 2)])
    const closing = state.close()
    expect(state.close()).toBe(closing)
    await expect(writes).resolves.toHaveLength(2)
    await closing
    await expect(state.set('a', 1)).rejects.toMatchObject({ code: 'closed' })
    await expect(state.get('a')).rejects.toMatchObject({ code: 'closed' })
  })

  it('calls off a write that has not begun', async () => {
    await using state = await openState()
    const stop = new AbortController()
    const reason = new Error('enough')
    const first = state.set('a', 1)
    const second = state.set('a', 2, { signal: stop.signal })
    stop.abort(reason)
    await expect(second).rejects.toBe(reason)
    await first
    expect((await state.get('a'))?.data).toBe(1)
    await expect(state.set('a', 1, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})
