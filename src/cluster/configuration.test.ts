import { afterAll, describe, expect, it } from 'vitest'
import { patternsOverlap } from '../contracts/index.ts'
import { openState } from '../state/index.ts'
import { MemoryStateStorage } from '../store/memory/index.ts'
import { addressOf, addressProblem, partsOf, plainAddress } from './configuration/address.ts'
import {
  type ClusterOptions,
  type HttpNetworkOptions,
  httpPeerNetwork,
  openCluster,
} from './index.ts'

const state = await openState({ storages: { audit: await MemoryStateStorage.open() } })
const nobody = () => Promise.reject(new Error('nobody'))
const network = { about: nobody, native: nobody, pivot: nobody } as never
afterAll(() => state.close())

const open = (options: Partial<ClusterOptions>) =>
  openCluster({ state, network, keys: [{ path: 'users/*' }], syncOnStart: false, ...options })

describe('a cluster’s configuration', () => {
  it.each<[string, Partial<ClusterOptions>, RegExp]>([
    [
      'local and led',
      { leader: 'a:1', keys: [{ path: 'users/*', local: true, leader: 'b:1' }] },
      /key "users\/\*" is local and has a leader/,
    ],
    [
      'local and to be forgotten',
      { keys: [{ path: 'users/*', local: true, onLeaderChange: 'forget' }] },
      /key "users\/\*" is local, so that it has no leader that could change/,
    ],
    [
      'to become of it what nobody knows',
      { keys: [{ path: 'users/*', onLeaderChange: 'wipe' as never }] },
      /onLeaderChange of key "users\/\*" must be "keep" or "forget", not "wipe"/,
    ],
    ['in a cluster whose name is empty', { name: '' }, /^name "" is empty$/],
    [
      'in a cluster whose name is too long',
      { name: 'x'.repeat(101) },
      /^name "x{100}" is longer than 100 characters$/,
    ],
    [
      'in a cluster whose name no header can hold',
      { name: 'flotte für\n' },
      /^name "flotte für\\n" has other characters than the printable ones of ASCII$/,
    ],
    [
      'in a cluster whose name a header would change',
      { name: 'fleet ' },
      /^name "fleet " begins or ends with a blank$/,
    ],
    [
      'in a cluster whose name is no text',
      { name: 5 as never },
      /^name must be a text such as east$/,
    ],
    [
      'whom each server follows',
      { keys: [{ path: 'cluster/leaders/*' }] },
      /key "cluster\/leaders\/\*" overlaps with cluster\/leaders\/\*/,
    ],
    [
      'led on a server that follows none',
      { keys: [{ path: 'users/*', leader: 'b:1' }] },
      /key "users\/\*" has a leader of its own on a server that follows none: give the cluster a leader, this server’s own address/,
    ],
    [
      'named by no more than its path',
      { keys: ['users/*' as never] },
      /^a key must be { path: "users\/\*" }, not a string$/,
    ],
    [
      'to be reached at every address there is',
      { address: '0.0.0.0:8080' },
      /^address must be one at which others reach this server, not "0\.0\.0\.0:8080"$/,
    ],
    ['to be reached at any of IPv6', { address: '[::]:8080' }, /not "\[::\]:8080"$/],
    [
      'given twice',
      { keys: [{ path: 'users/*' }, { path: 'users/*' }] },
      /key "users\/\*" is given twice/,
    ],
    [
      'overlapping',
      { keys: [{ path: 'users/*' }, { path: 'users/42' }] },
      /key "users\/42" overlaps with "users\/\*"/,
    ],
    [
      'overlapping in another storage',
      { keys: [{ path: 'users/1' }, { path: 'users/*', storage: 'audit' }] },
      /key "users\/\*" overlaps with "users\/1"/,
    ],
    [
      'overlapping with nodesKey',
      { keys: [{ path: 'things/1' }], nodesKey: 'things/*' },
      /key "things\/\*" overlaps with "things\/1"/,
    ],
    [
      'where leaders are written down',
      { keys: [{ path: '*/*' }] },
      /key "\*\/\*" overlaps with cluster\/\*/,
    ],
    [
      'what each server keeps of others',
      { keys: [{ path: '*/*/*' }] },
      /key "\*\/\*\/\*" overlaps with cluster\/links\/\*/,
    ],
    [
      'in no storage',
      { keys: [{ path: 'logs/*', storage: 'audits' }] },
      /key "logs\/\*" lives in "audits".*did you mean "audit"/,
    ],
    ['no path', { keys: [{ path: '/users' }] }, /key "\/users" must begin and end/],
    [
      'reserved',
      { keys: [{ path: 'sync/x' }] },
      /key "sync\/x" begins with "sync", which is reserved/,
    ],
    ['no list of keys', { keys: 'users/*' as never }, /keys must be a list/],
    ['too long', { keys: [{ path: 'x'.repeat(501) }] }, /is longer than 500/],
    [
      'no list of nodes',
      { nodesKey: 'things' },
      /nodesKey must be a list, such as things\/\*, not "things"/,
    ],
    [
      'nodes elsewhere',
      { keys: [{ path: 'things/*', storage: 'audit' }], nodesKey: 'things/*' },
      /key "things\/\*" is where servers announce themselves/,
    ],
    [
      'a leader with a scheme',
      { leader: 'http://a:1' },
      /leader "http:\/\/a:1" must be host:port, without a scheme/,
    ],
    [
      'a key’s leader without a port',
      { leader: 'a:1', keys: [{ path: 'users/*', leader: 'b' }] },
      /key "users\/\*" has a leader that must be host:port/,
    ],
    ['a port beyond all', { nodes: ['a:70000'] }, /nodes "a:70000" needs a port from 1 to 65535/],
    [
      'announced without an address',
      { advertise: true, nodesKey: 'things/*' },
      /advertise needs an address/,
    ],
    ['announced nowhere', { advertise: true, address: 'a:1' }, /advertise needs a nodesKey/],
    ['no network', { network: {} as never }, /network must be a way to other servers/],
    ['no state', { state: {} as never }, /state must be what openState/],
    ['no time', { probeInterval: 0 }, /probeInterval must be a whole number/],
    ['no runtime', { runtime: {} as never }, /runtime must be a runtime, such as systemRuntime/],
    ['no metrics', { metrics: {} as never }, /metrics must be where a cluster counts/],
  ])('%s is refused, and what is wrong is named', async (_, options, words) => {
    const refused = expect(open(options)).rejects
    await refused.toMatchObject({ code: 'invalid_argument' })
    await expect(open(options)).rejects.toThrow(words)
  })

  it('adds the list of servers to the keys', async () => {
    await using cluster = await open({ nodesKey: 'things/*', leader: 'a:1' })
    expect(cluster.keys).toEqual([
      { path: 'users/*', storage: 'main', leader: 'a:1' },
      { path: 'things/*', storage: 'main', leader: 'a:1' },
    ])
  })

  it('gives each key its leader and its storage', async () => {
    const keys = [
      { path: 'users/*' },
      { path: 'cache/*', local: true },
      { path: 'logs/*', leader: 'c:1', storage: 'audit' },
    ]
    await using cluster = await open({ keys, leader: 'a:1' })
    expect(cluster.keys).toEqual([
      { path: 'users/*', storage: 'main', leader: 'a:1' },
      { path: 'cache/*', storage: 'main', local: true },
      { path: 'logs/*', storage: 'audit', leader: 'c:1' },
    ])
    expect(cluster.role).toBe('mixed')
    expect(['users/1', 'cache/1', 'elsewhere'].map((path) => cluster.leads(path))).toEqual([
      false,
      true,
      true,
    ])
    expect([cluster.patterns('audit'), cluster.patterns('other')]).toEqual([
      ['logs/*', 'cluster/*'],
      [],
    ])
  })

  it('leads when the leader’s address is its own, so that all servers can have one configuration', async () => {
    await using cluster = await open({ leader: 'a:1', address: 'a:1' })
    expect(cluster.role).toBe('pivot')
  })

  it('has no role without keys', async () => {
    await using cluster = await open({ keys: [] })
    expect(cluster.role).toBe('none')
  })

  it('is given up when its signal aborts', async () => {
    await expect(open({ signal: AbortSignal.abort('enough') })).rejects.toBe('enough')
  })
})

describe('the network over HTTP', () => {
  it.each<[string, HttpNetworkOptions, RegExp]>([
    ['headersTimeout', { headersTimeout: 0 }, /headersTimeout must be a whole number/],
    ['timeout', { timeout: 0 }, /timeout must be a whole number/],
    ['address', { address: 'http://a:1' }, /address "http:\/\/a:1" must be host:port/],
    ['live', { live: 'soon' as never }, /live must be "auto", "websocket", "sse" or false/],
    ['token', { token: 1 as never }, /token must be/],
    ['runtime', { runtime: {} as never }, /runtime must be/],
    ['fetch', { fetch: 'x' as never }, /fetch must be/],
  ])('with a %s that makes no sense is refused before anybody is called', (_, options, words) => {
    expect(() => httpPeerNetwork(options)).toThrow(words)
    expect(() => httpPeerNetwork(options)).toThrow(
      expect.objectContaining({ code: 'invalid_argument' }),
    )
  })
})

describe('an address', () => {
  it.each(['a:1', 'localhost:8080', '127.0.0.1:65535', '[::1]:8080', 'node_1.example.com:80'])(
    '%s is one',
    (address) => {
      expect(addressProblem(address)).toBeUndefined()
      const { ip, port } = partsOf(address)
      expect(addressOf(ip, port)).toBe(address)
    },
  )

  it.each(['', 'a', 'a:', ':1', 'a:0', 'a:65536', 'a:1x', 'a b:1', 'a:1/x', '::1:80', 42, null])(
    '%s is none',
    (address) => {
      expect(addressProblem(address)).toBeDefined()
    },
  )
})

describe('two patterns', () => {
  it.each([
    ['users/*', 'users/1', true],
    ['*/1', 'users/*', true],
    ['users/*', 'users/1/name', false],
    ['users/*', 'things/*', false],
    ['a', 'a', true],
  ])('%s and %s overlap: %s', (one, another, isSo) => {
    expect([patternsOverlap(one, another), patternsOverlap(another, one)]).toEqual([isSo, isSo])
  })

  it.each([
    ['127.0.0.1:08080', '127.0.0.1:8080'],
    ['Hub.Example:80', 'hub.example:80'],
    ['127.1:00080', '127.0.0.1:80'],
    ['[0:0:0:0:0:0:0:1]:8080', '[::1]:8080'],
    ['[FE80::A]:443', '[fe80::a]:443'],
    ['Node.300:1', 'node.300:1'],
  ])('%s is another form of %s', (given, plain) => {
    expect(plainAddress(given)).toBe(plain)
    expect(plainAddress(plain)).toBe(plain)
    const { ip, port } = partsOf(given)
    expect(addressOf(ip.toUpperCase(), `0${port}`.slice(-5))).toBe(plain)
  })
})
