import { describe, expect, it } from 'vitest'
import { servedHere } from '../fixtures/served-here.ts'
import { StateClient } from '../fixtures/state-client.ts'
import type { StateServerOptions } from '../index.ts'
import { goDuration } from './shown-filter.ts'

describe('introspection', () => {
  it('tells what is here, in ooo’s fields', async () => {
    const filters: StateServerOptions['filters'] = {
      'users/*': { open: true },
      'logs/*': { limit: { count: 5 } },
      'old/*': { limit: { count: () => 7, age: () => 5_400_000, order: 'oldest' } },
      'seen/*': { readObject: (object) => object },
      taken: { write: () => undefined },
      watched: { afterWrite: () => {} },
    }
    const { call, get } = await servedHere({ name: 'home', filters })
    for (const path of ['/a', '/users/1', '/users/2', '/logs/x']) await call('POST', path, 1)
    expect(await get('/?api=info')).toEqual({
      name: 'home',
      address: 'localhost',
      deadline: 10_000_000_000,
      readTimeout: 10_000_000_000,
      writeTimeout: 10_000_000_000,
      readHeaderTimeout: 10_000_000_000,
      idleTimeout: 10_000_000_000,
      forcePatch: false,
      noPatch: false,
      static: false,
      silence: true,
      workers: 1,
      tick: 1_000_000_000,
      watchPanics: 0,
      droppedEvents: 0,
      subscriptions: 0,
      clocks: 0,
    })
    expect(await get('/?api=keys')).toEqual({
      keys: ['a', 'logs/x', 'users/1', 'users/2'],
      total: 4,
      page: 1,
      limit: 50,
      filter: '',
    })
    expect(await get('/?api=keys&page=2&limit=1&filter=users/*')).toEqual({
      keys: ['users/2'],
      total: 2,
      page: 2,
      limit: 1,
      filter: 'users/*',
    })
    expect(await get('/?api=keys&limit=9999')).toMatchObject({ limit: 500 })
    expect(await get('/?api=orphan-keys')).toEqual(['a'])
    expect(await get('/?api=state')).toEqual({ pools: [], totalConnections: 0 })
    expect(await get('/?api=pivot')).toEqual({
      role: 'none',
      pivotIP: '',
      nodes: [],
      syncedKeys: [],
      pivotHealthy: false,
      pivotLastCheck: '',
      pivotProtocol: '',
      pivotCompatible: false,
    })
    expect(await get('/?api=endpoints')).toEqual([])
    expect(await get('/?api=proxies')).toEqual([])
    const told = (await get('/?api=filters')) as { paths: string[]; filters: object[] }
    expect(told.paths.toSorted()).toEqual(Object.keys(filters).toSorted())
    const may = (canRead: boolean, canWrite: boolean, canDelete: boolean) => ({
      canRead,
      canWrite,
      canDelete,
    })
    const cleanup = { cleanupEnabled: true, cleanupInterval: '10m0s' }
    const all = { ...may(true, true, true), isGlob: true }
    for (const filter of [
      { path: 'users/*', type: 'open', ...all },
      { path: 'logs/*', type: 'limit', ...all, limit: 5, order: 'desc', ...cleanup },
      {
        path: 'old/*',
        type: 'limit',
        ...all,
        limit: 7,
        limitDynamic: true,
        maxAge: '1h30m0s',
        maxAgeDynamic: true,
        order: 'asc',
        ...cleanup,
      },
      { path: 'seen/*', type: 'read-only', ...may(true, false, false), isGlob: true },
      { path: 'taken', type: 'write-only', ...may(false, true, false), isGlob: false },
      { path: 'watched', type: 'custom', ...may(false, false, false), isGlob: false },
    ])
      expect(told.filters).toContainEqual(filter)
  })

  it('finds keys that no filter covers behind thousands that one does', async () => {
    const { tree, get } = await servedHere({ filters: { 'logs/*': { open: true } } })
    for (let batch = 0; batch < 10; batch++)
      await tree.write(Array.from({ length: 1_000 }, () => ({ push: 'logs/*', data: 1 })))
    await tree.set('z', 1)
    expect(await get('/?api=orphan-keys')).toEqual(['z'])
  })

  it('tells who is connected', async () => {
    const { get, server } = await servedHere()
    const clients = [new StateClient(), new StateClient(), new StateClient()]
    for (const [at, client] of clients.entries())
      await client.subscribe(server, at === 0 ? '/a' : '/b/*')
    expect(await get('/?api=state')).toEqual({
      pools: [
        { key: 'a', connections: 1 },
        { key: 'b/*', connections: 2 },
      ],
      totalConnections: 3,
    })
    expect(await get('/?api=info')).toMatchObject({ subscriptions: 2 })
  })

  it('says nothing of a limit whose function fails', async () => {
    const count = () => {
      throw new Error('boom')
    }
    const { get } = await servedHere({ filters: { 'a/*': { limit: { count } } } })
    const { filters } = (await get('/?api=filters')) as { filters: object[] }
    expect(filters).toMatchObject([{ path: 'a/*', type: 'limit', limitDynamic: true }])
    expect(filters[0]).not.toHaveProperty('limit')
  })

  it.each([
    [0, '0s'],
    [250, '250ms'],
    [1_500, '1.5s'],
    [60_000, '1m0s'],
    [5_400_000, '1h30m0s'],
    [90_061_000, '25h1m1s'],
  ])('writes %i ms as Go does: %s', (milliseconds, text) => {
    expect(goDuration(milliseconds)).toBe(text)
  })
})
