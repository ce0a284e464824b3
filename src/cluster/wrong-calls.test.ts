import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openState, type StateTree } from '../state/index.ts'
import { MemoryStateStorage } from '../store/memory/index.ts'
import { type Cluster, clusterServer, openCluster, servedCluster } from './index.ts'

/*
 * What plain JavaScript gets wrong, and TypeScript lets pass. Options that nobody reads are the worst of it: they
 * answer something else than was asked for.
 */

const nobody = () => Promise.reject(new Error('nobody'))
const network = { about: nobody, native: nobody, pivot: nobody } as never
let state: StateTree
let cluster: Cluster

beforeAll(async () => {
  state = await openState({ storages: { media: await MemoryStateStorage.open() } })
  const keys = [{ path: 'users/*' }, { path: 'images/*', storage: 'media' }]
  cluster = await openCluster({ state, network, keys, leader: 'a:1', syncOnStart: false })
})
afterAll(async () => {
  await cluster.close()
  await state.close()
})

describe('a call of a cluster', () => {
  it.each<[string, () => unknown, RegExp]>([
    ['freshness of no path', () => cluster.freshness('//'), /^path "\/\/" must/],
    ['freshness in no storage', () => freshIn('medium'), /one of main, media, not "medium"$/],
    ['freshness in a word', () => cluster.freshness('users/1', 'main' as never), /options must be/],
    ['freshness in a typo', () => freshBy({ storge: 'media' }), /`storge`: did you mean `storage`/],
    ['freshness in null', () => freshBy(null), /options must be an object, not null/],
    ['beforeRead in no storage', () => cluster.beforeRead('a', { storage: 'x' }), /one of main/],
    [
      'confirmed in no storage',
      () => cluster.confirmed('users/1', { storage: 'x' }),
      /one of main/,
    ],
    ['confirmed of no path', () => cluster.confirmed('users//1 2'), /^path "users\/\/1 2" must/],
    ['synchronize with a word', () => cluster.synchronize('users/*' as never), /options must be/],
    ['synchronize with keys', () => sync({ keys: ['users/*'] }), /`keys`: did you mean `key`/],
    ['synchronize with a number', () => sync({ key: 5 }), /key must be a string/],
    ['prove with a typo', () => cluster.prove({ sgnal: 1 } as never), /did you mean `signal`/],
    [
      'status with null',
      () => cluster.status(null as never),
      /options must be an object, not null/,
    ],
    ['promote with null', () => cluster.promote([], null as never), /options must be an object/],
    ['leads of nothing', () => cluster.leads(undefined as never), /path is missing/],
    [
      'syncCallback of nothing',
      () => cluster.syncCallback(undefined as never),
      /change is missing/,
    ],
    [
      'syncCallback of a word',
      () => cluster.syncCallback('a' as never),
      /change must be an object/,
    ],
    [
      'attach of a number',
      () => cluster.attach(5 as never, { keys: [] }),
      /storage must be the name/,
    ],
    ['set with a typo', () => set({ untill: 'leader' }), /`untill`: did you mean `until`/],
    ['set with a stranger', () => set({ wait: 1 }), /there are signal, until, within, expected$/],
    [
      'get of nothing',
      () => cluster.state().get(undefined as never),
      /path undefined must|path is/,
    ],
    [
      'get with options',
      () => get({ signal: new AbortController().signal }),
      /signal must be an Abort/,
    ],
    [
      'a server of nothing',
      () => clusterServer(undefined as never),
      /cluster is missing: what openC/,
    ],
    ['a server of a tree', () => clusterServer(state as never), /cluster must be what openCluster/],
    ['a server with a typo', () => clusterServer(cluster, { log: 1 } as never), /`log`: /],
    ['reads of a tree', () => servedCluster(state as never), /cluster must be what openCluster/],
    ['reads of no storage', () => servedCluster(cluster, { storage: 'x' }), /one of main, media/],
  ])('%s is refused in words', async (_, call, words) => {
    const refused = await Promise.resolve()
      .then(call)
      .catch((error: unknown) => error)
    expect(refused).toMatchObject({
      code: 'invalid_argument',
      message: expect.stringMatching(words),
    })
  })

  it.each<[string, (signal: AbortSignal) => Promise<unknown>]>([
    ['status', (signal) => cluster.status({ signal })],
    ['prove', (signal) => cluster.prove({ signal })],
    ['promote', (signal) => cluster.promote([], { signal })],
    ['freshness', (signal) => cluster.freshness('users/1', { signal })],
    ['confirmed', (signal) => cluster.confirmed('users/1', { signal })],
    ['synchronize', (signal) => cluster.synchronize({ signal })],
  ])('%s is called off by its signal', async (_, call) => {
    await expect(call(AbortSignal.abort('enough'))).rejects.toBe('enough')
  })
})

describe('a path whose key lives in another storage', () => {
  it('is asked about there without naming it: a key lives in one only', async () => {
    const { leaderReachable, asOf } = await cluster.freshness('images/logo')
    expect([leaderReachable, asOf]).toEqual([false, undefined])
    const media = await state.storage('media').set('images/logo', 1)
    expect(media.kind).toBe('written')
    await expect(cluster.confirmed('images/logo', { within: 1 })).rejects.toMatchObject({
      code: 'timeout',
    })
  })

  it('is told of by the state server of that storage, and by no other', async () => {
    const headers = async (storage?: string) =>
      servedCluster(cluster, storage === undefined ? {} : { storage }).headers('images/logo')
    expect((await headers('media'))['rejoin-leader-reachable']).toBe('false')
    expect((await headers())['rejoin-leader-reachable']).toBe('true')
  })
})

const freshBy = (options: unknown) => cluster.freshness('users/1', options as never)
const freshIn = (storage: string) => freshBy({ storage })
const sync = (options: unknown) => cluster.synchronize(options as never)
const set = (options: unknown) => cluster.state().set('users/1', 1, options as never)
const get = (signal: unknown) => cluster.state().get('users/1', signal as never)
