import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { RejoinError } from '../src/errors/index.ts'
import { syncOnce } from '../src/link/index.ts'
import { serve } from '../src/server/index.ts'
import { MemoryStore } from '../src/store/memory/index.ts'
import { SqliteStore } from '../src/store/sqlite/index.ts'
import { SyncNode } from '../src/sync/index.ts'
import { httpTransport, logHandler } from '../src/transport/http/index.ts'
import { memoryTransport } from '../src/transport/memory/index.ts'
import { start } from '../src/version/index.ts'

// Calls as JavaScript makes them: without types.
// biome-ignore lint/suspicious/noExplicitAny: misuse is what the types forbid
type Untyped = any

interface Case {
  readonly name: string
  readonly words: RegExp
  readonly call: () => unknown
}

const folder = mkdtempSync(join(tmpdir(), 'rejoin-misuse-'))
const path = join(folder, 'kept.db')
const never = join(folder, 'never.db')
const e = [{ id: 'new', type: 'Noted', aggregateId: 'a' }]
const url = 'http://hub.test/sync'
const secret = 'hunter2'
let sqlite: Untyped
let memory: Untyped
let node: Untyped
const openSqlite = (options: Untyped) => SqliteStore.open(options)
const openMemory = (options: Untyped) => MemoryStore.open(options)
const newNode = (options?: Untyped) => new SyncNode(options)
const http = (options?: Untyped) => httpTransport(options)
const handler = (options: Untyped) => logHandler(memory, options)
const toMemory = (options: Untyped) => memoryTransport(memory, options)
const served = (options?: Untyped) => serve(options)
const synced = (options: Untyped, signal?: Untyped) =>
  syncOnce({ replica: memory, transport: memoryTransport(memory), ...options }, signal)

beforeAll(async () => {
  sqlite = await SqliteStore.open({ path, node: 'sqlite' })
  memory = await MemoryStore.open({ node: 'memory' })
  for (const store of [sqlite, memory])
    await store.append([{ id: 'old', type: 'Noted', aggregateId: 'a' }])
  node = new SyncNode({ store: memory, transport: memoryTransport(await MemoryStore.open()) })
})

afterAll(async () => {
  await sqlite.close()
  rmSync(folder, { recursive: true })
})

const opening: readonly [string, () => unknown, RegExp][] = [
  ['SqliteStore.open()', () => openSqlite(undefined), /options/],
  ['SqliteStore.open({})', () => openSqlite({}), /path/],
  ['a path that is empty', () => openSqlite({ path: '' }), /path/],
  [
    'durability',
    () => openSqlite({ path: never, durability: 'ful' }),
    /durability.*"full" or "normal", not "ful"/,
  ],
  ...['x', -1, Number.NaN, 1.5].map((cacheBytes): [string, () => unknown, RegExp] => [
    `cacheBytes ${cacheBytes}`,
    () => openSqlite({ path: never, cacheBytes }),
    /cacheBytes/,
  ]),
  ['readonly', () => openSqlite({ path: never, readonly: 'no' }), /readonly.*true or false/],
  ['a logger', () => openSqlite({ path: never, logger: {} }), /logger/],
  ['a signal', () => openSqlite({ path: never, signal: {} }), /signal/],
  ['a node that is no text', () => openSqlite({ path: never, node: 5 }), /node/],
  ...[openMemory, (options: Untyped) => openSqlite({ path: never, ...options })].flatMap(
    (open): [string, () => unknown, RegExp][] => [
      ['limits', () => open({ limits: 5 }), /limits/],
      ['idBytes', () => open({ limits: { idBytes: -1 } }), /limits\.idBytes.*not -1/],
      ['eventBytes', () => open({ limits: { eventBytes: 1e9 } }), /limits\.eventBytes.*to 4194304/],
      ['jsonDepth', () => open({ limits: { jsonDepth: 1001 } }), /limits\.jsonDepth.*to 1000/],
      ['clock', () => open({ clock: { bound: Number.NaN } }), /clock\.bound.*not NaN/],
    ],
  ),
  ['MemoryStore.open(null)', () => openMemory(null), /options/],
  ['new SyncNode()', () => newNode(), /options/],
  ['new SyncNode({})', () => newNode({}), /store/],
  ['a store that is none', () => newNode({ store: {} }), /store/],
  [
    'a store not awaited',
    () => newNode({ store: MemoryStore.open() }),
    /store.*a promise: await it/,
  ],
  ['a transport', () => newNode({ store: memory, transport: {} }), /transport/],
  ['batchSize', () => newNode({ store: memory, batchSize: 0 }), /batchSize/],
  ['timeout of a node', () => newNode({ store: memory, timeout: 0 }), /timeout/],
  ['retry', () => newNode({ store: memory, retry: 3 }), /retry/],
  ['retry.tries', () => newNode({ store: memory, retry: { tries: 0 } }), /retry\.tries/],
  ['retry.first', () => newNode({ store: memory, retry: { first: -1 } }), /retry\.first/],
  ['retry.factor', () => newNode({ store: memory, retry: { factor: 0.5 } }), /retry\.factor/],
  ['retry.longest', () => newNode({ store: memory, retry: { longest: 1e12 } }), /retry\.longest/],
  ['interval', () => newNode({ store: memory, interval: -1 }), /interval/],
  ['autoStart', () => newNode({ store: memory, autoStart: 'yes' }), /autoStart/],
  ['pushOnly', () => newNode({ store: memory, pushOnly: 1 }), /pushOnly/],
  ['pullOnly', () => newNode({ store: memory, pullOnly: null }), /pullOnly/],
  [
    'pushOnly with pullOnly',
    () => newNode({ store: memory, pushOnly: true, pullOnly: true }),
    /pushOnly and pullOnly/,
  ],
  ['validation', () => newNode({ store: memory, validation: [] }), /validation/],
  ['a schema', () => newNode({ store: memory, validation: { A: {} } }), /validation\["A"\]/],
  ['rules', () => newNode({ store: memory, rules: { rules: [] } }), /defineRules/],
  ['upcasters', () => newNode({ store: memory, upcasters: { T: {} } }), /upcasters\["T"\]/],
  ['unknownTypes', () => newNode({ store: memory, unknownTypes: 'x' }), /unknownTypes/],
  ['metrics', () => newNode({ store: memory, metrics: {} }), /metrics/],
  ['health', () => newNode({ store: memory, health: {} }), /health/],
  ['runtime', () => newNode({ store: memory, runtime: {} }), /runtime/],
  [
    'several options at once',
    () => newNode({ store: memory, batchSize: 0, interval: -1 }),
    /batchSize.*; interval/,
  ],
  ['memoryTransport()', () => (memoryTransport as Untyped)(), /replica/],
  ['memoryTransport limits', () => toMemory({ limits: { count: 0 } }), /limits\.count/],
  ['memoryTransport options', () => toMemory(null), /options/],
  ['httpTransport()', () => http(), /options/],
  ['httpTransport({})', () => http({}), /url/],
  ['a header name', () => http({ url, headers: { 'a b': '' } }), /headers/],
  [
    'a header value',
    () => http({ url, headers: { authorization: `${secret}\n\u0000` } }),
    /headers/,
  ],
  ['headers', () => http({ url, headers: secret }), /headers/],
  ['an address in place of options', () => http(`https://me:${secret}@hub.test`), /options/],
  [
    'an address in place of a transport',
    () => newNode({ store: memory, transport: `https://me:${secret}@x` }),
    /transport/,
  ],
  ['timeout', () => http({ url, timeout: Number.NaN }), /timeout/],
  ['an endless timeout', () => http({ url, timeout: Number.POSITIVE_INFINITY }), /timeout/],
  ['threshold', () => http({ url, threshold: Number.NaN }), /threshold/],
  ['fetch', () => http({ url, fetch: 5 }), /fetch/],
  ['compress', () => http({ url, compress: 'no' }), /compress/],
  ['the limits of a transport', () => http({ url, limits: { bodyBytes: 0 } }), /limits\.bodyBytes/],
  ['logHandler()', () => (logHandler as Untyped)(), /replica/],
  ['logHandler options', () => handler(5), /options/],
  ['base', () => handler({ base: 5 }), /base/],
  ['a base that is no path', () => handler({ base: 'sync' }), /base/],
  ['authorize', () => handler({ authorize: secret }), /authorize/],
  [
    'the limits of a handler',
    () => handler({ limits: { event: { jsonDepth: 0 } } }),
    /limits\.event\.jsonDepth/,
  ],
  ['serve()', () => served(), /options/],
  ['serve({})', () => served({ port: 0 }), /mounts/],
  ['a mount', () => served({ port: 0, mounts: { '/sync': memory } }), /mounts\["\/sync"\]/],
  ['tokens', () => served({ port: 0, mounts: {}, tokens: secret }), /tokens/],
  ['a token', () => served({ port: 0, mounts: {}, tokens: [5] }), /tokens/],
  ['insecure', () => served({ port: 0, mounts: {}, insecure: 'false' }), /insecure/],
  ['host', () => served({ port: 0, mounts: {}, host: 5 }), /host/],
  ['port', () => served({ port: '80', mounts: {} }), /port/],
  ['grace', () => served({ port: 0, mounts: {}, grace: Number.NaN }), /grace/],
  ['maxConnections', () => served({ port: 0, mounts: {}, maxConnections: 0 }), /maxConnections/],
]

const storeCalls: readonly [string, (store: Untyped) => unknown, RegExp][] = [
  ['append(e, null)', (s) => s.append(e, null), /options/],
  ["append('x')", (s) => s.append('x'), /events/],
  ['expected: null', (s) => s.append(e, { expected: null }), /expected/],
  ['expected, misspelt', (s) => s.append(e, { expected: 'nonne' }), /expected.*not "nonne"/],
  ['expected: [1]', (s) => s.append(e, { expected: [1] }), /expected/],
  ['a signal that is none', (s) => s.append(e, { signal: {} }), /signal/],
  ...[0, Number.NaN, 1.5, -1, '5'].map((count): [string, (s: Untyped) => unknown, RegExp] => [
    `entries of count ${count}`,
    (s) => s.entries({ count }),
    /count/,
  ]),
  ...[2n ** 70n, -1n, 5].map((after): [string, (s: Untyped) => unknown, RegExp] => [
    `entries after ${after}`,
    (s) => s.entries({ after }),
    /after/,
  ]),
  ['entries(null)', (s) => s.entries(null), /range/],
  ['entries of no bytes', (s) => s.entries({ bytes: 0 }), /bytes/],
  ['entries with a signal that is none', (s) => s.entries({}, {}), /signal/],
  ['heads()', (s) => s.heads(), /aggregateId/],
  ['fetch()', (s) => s.fetch(), /ids/],
  ['fetch of no id', (s) => s.fetch([1]), /ids/],
  ...[0, Number.NaN].flatMap((none): [string, (s: Untyped) => unknown, RegExp][] => [
    [`changes of count ${none}`, (s) => s.changes(start, { count: none, bytes: 1 }), /count/],
    [`changes of bytes ${none}`, (s) => s.changes(start, { count: 1, bytes: none }), /bytes/],
  ]),
  ['changes()', (s) => s.changes(), /after/],
  ['changes without a want', (s) => s.changes(start), /want/],
  ['apply()', (s) => s.apply(), /batch/],
  ['link()', (s) => s.link(), /id/],
  ['knowledge()', (s) => s.knowledge(), /peer/],
  ['settle()', (s) => s.settle(), /settlement/],
  ['confirm()', (s) => s.confirm(), /peer/],
  ['confirm of nothing known', (s) => s.confirm('x~0123456789abcdef', 'y'), /known/],
  ['watch()', (s) => s.watch(), /signal/],
]

const nodeCalls: readonly [string, () => unknown, RegExp][] = [
  ['decide without a decider', () => node.decide('a', 5), /decider/],
  ['decide without an aggregate', () => node.decide(undefined, () => []), /aggregateId/],
  ['a decider without an answer', () => node.decide('a', () => undefined), /decider/],
  ['a decision on another aggregate', () => node.decide('b', () => e), /aggregateId/],
  ['decide(…, null)', () => node.decide('a', () => e, null), /options/],
  ['read({count: -1})', () => node.read({ count: -1 }).next(), /count/],
  ['read(null)', () => node.read(null).next(), /range/],
  ['readAggregate()', () => node.readAggregate().next(), /aggregateId/],
  ['heads(…, null)', () => node.heads('a', null), /options/],
  ['status(null)', () => node.status(null), /options/],
  ['sync(null)', () => node.sync(null), /options/],
  ['a signal', () => node.push({ signal: {} }), /signal/],
  ['onProgress', () => node.pull({ onProgress: 5 }), /onProgress/],
  ['startAutoSync(null)', () => node.startAutoSync(null), /options/],
  ['startAutoSync without an interval', () => node.startAutoSync(), /interval/],
  ['subscribe(5)', () => node.subscribe(5), /onResult/],
  ['a backup without a path', () => sqlite.backup(), /path/],
  ['syncOnce()', () => (syncOnce as Untyped)(), /options/],
  ['a batch of nothing', () => synced({ batch: { count: 0 } }), /batch\.count/],
  ['a batch of no bytes', () => synced({ batch: { bytes: Number.NaN } }), /batch\.bytes/],
  ['a replica that is none', () => synced({ replica: {} }), /replica/],
  ['a signal that is none', () => synced({}, null), /signal/],
]

const onStores = storeCalls.flatMap(([name, call, words]) => [
  { name: `MemoryStore: ${name}`, call: () => call(memory), words },
  { name: `SqliteStore: ${name}`, call: () => call(sqlite), words },
])
const cases: readonly Case[] = [
  ...[...opening, ...nodeCalls].map(([name, call, words]) => ({ name, call, words })),
  ...onStores,
]

describe('misuse is invalid_argument that names the option, never a TypeError, and changes nothing', () => {
  it.each(cases)('$name', async ({ call, words }) => {
    const before = await Promise.all([sqlite.status(), memory.status()])
    const error = await failureOf(call)
    expect(error).toBeInstanceOf(RejoinError)
    expect(error).toMatchObject({ code: 'invalid_argument', message: expect.stringMatching(words) })
    expect(JSON.stringify(error) + String((error as Error).cause)).not.toContain(secret)
    expect(await Promise.all([sqlite.status(), memory.status()])).toEqual(before)
    expect(existsSync(never)).toBe(false)
  })

  it('but a hole in a list of events is an event that is invalid', async () => {
    for (const store of [sqlite, memory])
      await expect(store.append(Object.assign(new Array(2), { 1: e[0] }))).rejects.toMatchObject({
        code: 'invalid_event',
      })
  })

  it('and entries without a range are the first page of the log', async () => {
    for (const store of [sqlite, memory])
      expect(await store.entries()).toEqual(await store.entries({}))
  })
})

async function failureOf(call: () => unknown): Promise<unknown> {
  try {
    await call()
  } catch (error) {
    return error
  }
  return expect.unreachable('it is taken as it is')
}
