import { describe, expect } from 'vitest'
import { silentLogger } from '../../src/ports/index.ts'
import { type ServedState, servedState } from '../../src/state/fixtures/served.ts'
import { StateClient } from '../../src/state/fixtures/state-client.ts'
import { defineMethod, type StateServerOptions } from '../../src/state/index.ts'
import { handDriven } from '../../src/transport/fixtures/hand-driven.ts'
import { eventually, type OptionTest, testEachOption } from './each-option.ts'

type Test = OptionTest<StateServerOptions, Promise<ServedState>>

const large = 'x'.repeat(2_000)
const subscribed = ({ server }: ServedState, path: string) =>
  new StateClient().subscribe(server, path)
const refuse = () => {
  throw new Error('not today')
}

const tests = {
  async name(make) {
    await using served = await make({ name: 'home' })
    expect(await served.get('/?api=info')).toMatchObject({ name: 'home' })
  },

  async filters(make) {
    await using served = await make({ filters: { 'users/*': { write: refuse } } })
    expect((await served.call('POST', '/users/ann', 1)).text).toBe('not today\n')
    expect((await served.call('POST', '/other', 1)).status).toBe(200)
  },

  async static(make) {
    await using served = await make({ static: true, filters: { a: { open: true } } })
    expect((await served.call('POST', '/a', 1)).status).toBe(200)
    expect((await served.call('POST', '/b', 1)).status).toBe(400)
  },

  async beforeRead(make) {
    await using served = await make({ beforeRead: (path) => path === 'a' && refuse() })
    expect((await served.call('GET', '/a')).text).toBe('not today\n')
    expect((await served.call('GET', '/b')).status).toBe(404)
  },

  async onSubscribe(make) {
    await using served = await make({ onSubscribe: (path) => path === 'a' && refuse() })
    await expect(subscribed(served, '/a')).rejects.toThrow('400 not today')
    await subscribed(served, '/b')
  },

  async onUnsubscribe(make) {
    const over: string[] = []
    await using served = await make({ onUnsubscribe: (path) => over.push(path) })
    ;(await subscribed(served, '/a')).peer?.gone()
    expect(over).toEqual(['a'])
  },

  async endpoints(make) {
    const methods = { GET: defineMethod({ handle: ({ params }) => params }) }
    await using served = await make({ endpoints: { '/of/{id}': { methods } } })
    expect(await served.get('/of/me')).toEqual({ id: 'me' })
  },

  async proxies(make) {
    await using served = await make({ proxies: { 'far/*': { url: 'http://127.0.0.1:9' } } })
    // Nobody listens on the port of discard.
    expect((await served.call('GET', '/far/a')).status).toBe(502)
  },

  async beforeClose(make) {
    const order: string[] = []
    const served = await make({ beforeClose: () => order.push('before') })
    const client = await subscribed(served, '/a')
    client.close = () => order.push('goodbye')
    await served[Symbol.asyncDispose]()
    expect(order).toEqual(['before', 'goodbye'])
  },

  async afterClose(make) {
    const order: string[] = []
    const served = await make({ afterClose: () => order.push('after') })
    const client = await subscribed(served, '/a')
    client.close = () => order.push('goodbye')
    await served[Symbol.asyncDispose]()
    expect(order).toEqual(['goodbye', 'after'])
  },

  async closeBudget(make) {
    const runtime = handDriven()
    const asked = Promise.withResolvers<AbortSignal>()
    const beforeClose = (signal: AbortSignal) => {
      asked.resolve(signal)
      return new Promise(() => {})
    }
    await using served = await make({ runtime, beforeClose, closeBudget: 50 })
    const closing = served.server.close()
    const signal = await asked.promise
    runtime.pass(50)
    try {
      expect(signal.aborted).toBe(true)
    } finally {
      runtime.pass(5_000)
      await closing
    }
  },

  async middleware(make) {
    const teapot = new Response('I am a teapot', { status: 418 })
    await using served = await make({ middleware: () => teapot })
    expect((await served.call('GET', '/a')).status).toBe(418)
  },

  async cors(make) {
    const origin = 'https://app.example.org'
    await using served = await make({ cors: { origins: [origin] } })
    const { headers } = await served.call('GET', '/a', undefined, { headers: { origin } })
    expect(headers.get('access-control-allow-origin')).toBe(origin)
    await new StateClient().subscribe(served.server, '/a', { origin })
  },

  async bodyBytes(make) {
    await using served = await make({ bodyBytes: 100 })
    expect((await served.call('POST', '/a', large)).status).toBe(413)
  },

  async deadline(make) {
    const runtime = handDriven()
    const beforeRead = () => new Promise(() => {})
    await using served = await make({ runtime, beforeRead, deadline: 50 })
    const answer = served.call('GET', '/a')
    await eventually(() => runtime.pending > 0)
    runtime.pass(50)
    expect(runtime.pending).toBe(0)
    expect((await answer).status).toBe(503)
  },

  async forcePatch(make) {
    await using served = await make({ forcePatch: true })
    await served.tree.set('a', [1, 2, 3, 4, 5])
    const client = await subscribed(served, '/a')
    await served.tree.set('a', [2, 3, 4, 5, 6])
    expect(client.told[1]).toMatchObject({ snapshot: false })
  },

  async noPatch(make) {
    await using served = await make({ noPatch: true })
    await served.tree.set('a', { n: 1, large })
    const client = await subscribed(served, '/a')
    await served.tree.patch('a', { n: 2 })
    expect(client.told[1]).toMatchObject({ snapshot: true })
  },

  async noBroadcastKeys(make) {
    await using served = await make({ noBroadcastKeys: ['log/*'] })
    const client = await subscribed(served, '/log/*')
    await served.tree.set('log/a', 1)
    expect(client.told).toHaveLength(1)
  },

  async cluster(make) {
    const cluster = {
      beforeRead: async () => {},
      headers: async () => ({ 'rejoin-leader-reachable': 'false' }),
      shown: () => ({}),
    }
    await using served = await make({ cluster })
    await served.tree.set('a', 1)
    const answer = await served.call('GET', '/a')
    expect(answer.headers.get('rejoin-leader-reachable')).toBe('false')
  },

  async ui(make) {
    await using served = await make({ ui: false })
    const headers = { accept: 'text/html' }
    const answer = await served.call('GET', '/', undefined, { headers })
    expect(answer.headers.get('content-type')).toBe('application/json')
  },

  async ping(make) {
    const runtime = handDriven()
    await using served = await make({ runtime, ping: 50 })
    const client = await subscribed(served, '/a')
    runtime.pass(50)
    expect(client.pings).toBe(1)
  },

  async silence(make) {
    const runtime = handDriven()
    await using served = await make({ runtime, silence: 70_000 })
    const client = await subscribed(served, '/a')
    for (const ms of [60_000, 60_000]) runtime.pass(ms)
    expect(client.isTerminated).toBe(true)
  },

  async unsentBytes(make) {
    await using served = await make({ unsentBytes: 1_000 })
    const client = await subscribed(served, '/a')
    client.isStuck = true
    for (const n of [1, 2, 3, 4]) await served.tree.set('a', { n, large })
    expect(client.told).toHaveLength(2)
  },

  async allUnsentBytes(make) {
    await using served = await make({ allUnsentBytes: 500 })
    const client = await subscribed(served, '/a')
    client.isStuck = true
    for (const n of [1, 2, 3, 4]) await served.tree.set('a', { n, large })
    expect(client.isTerminated).toBe(true)
  },

  async stall(make) {
    const runtime = handDriven()
    await using served = await make({ runtime, unsentBytes: 1_000, ping: 1_000, stall: 2_000 })
    const client = await subscribed(served, '/a')
    client.isStuck = true
    for (const n of [1, 2, 3, 4]) await served.tree.set('a', { n, large })
    for (const ms of [1_000, 1_000, 1_000]) {
      client.peer?.heard()
      runtime.pass(ms)
    }
    expect(client.isTerminated).toBe(true)
  },

  async logger(make) {
    const errors: string[] = []
    const logger = { ...silentLogger, error: (message: string) => void errors.push(message) }
    await using served = await make({ logger, middleware: refuse })
    expect((await served.call('GET', '/a')).status).toBe(500)
    expect(errors).toEqual(['the middleware threw'])
  },

  async runtime(make) {
    const runtime = handDriven()
    await using served = await make({ runtime })
    const clock = await served.server.admit(new Request('http://localhost/'))
    if (clock instanceof Response) throw new Error('refused')
    const told: string[] = []
    const send = (bytes: Uint8Array) => void told.push(new TextDecoder().decode(bytes))
    const client = { bufferedAmount: 0, send, ping() {}, close() {}, terminate() {} }
    clock.accept(client).gone()
    expect(told).toEqual([`${runtime.now()}000000`])
  },
} satisfies Record<keyof StateServerOptions, Test>

describe('an option of stateServer:', () =>
  testEachOption<StateServerOptions, Promise<ServedState>>(tests, {
    section: '`stateServer`',
    make: (options) => servedState(options),
  }))
