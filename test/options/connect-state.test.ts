import { describe, expect } from 'vitest'
import { handSockets } from '../../src/client/fixtures/hand-sockets.ts'
import { type ConnectOptions, connectState, type StateClient } from '../../src/client/index.ts'
import { silentLogger } from '../../src/ports/index.ts'
import { handDriven } from '../../src/transport/fixtures/hand-driven.ts'
import { eventually, type OptionTest, soon, testEachOption } from './each-option.ts'

type Test = OptionTest<ConnectOptions, StateClient>

const boxText = '{"created":1,"updated":0,"index":"box","path":"box","data":1}'
const told = `{"data":${boxText},"version":"1","snapshot":true}`
const never: typeof fetch = () => new Promise(() => {})
const box: typeof fetch = async () => new Response(boxText)

const tests = {
  async token(make) {
    let headers = new Headers()
    const asked: typeof fetch = async (_, init) => {
      headers = new Headers(init?.headers)
      return new Response(boxText)
    }
    await using client = make({ fetch: asked, token: () => 'secret' })
    await client.get('box')
    expect(headers.get('authorization')).toBe('Bearer secret')
  },

  async fetch(make) {
    await using client = make({ fetch: box })
    expect((await client.get('box'))?.data).toBe(1)
  },

  async WebSocket(make) {
    const { Hand, sockets } = handSockets()
    await using client = make({ WebSocket: Hand })
    const following = client.subscribe('box')
    await eventually(() => sockets.length === 1)
    sockets[0]?.open()
    sockets[0]?.say(told)
    expect(following.value?.data).toBe(1)
  },

  async timeout(make) {
    const runtime = handDriven()
    await using client = make({ fetch: never, runtime, timeout: 50 })
    const reading = client.get('box')
    runtime.pass(50)
    await expect(soon(reading)).rejects.toMatchObject({ code: 'timeout' })
  },

  async quiet(make) {
    const runtime = handDriven()
    const { Hand, sockets } = handSockets()
    await using client = make({ WebSocket: Hand, runtime, quiet: 50 })
    client.subscribe('box')
    await eventually(() => sockets.length === 1)
    sockets[0]?.open()
    sockets[0]?.say(told)
    runtime.pass(50)
    await eventually(() => sockets.length === 2)
    expect(sockets[1]?.url).toMatch(/\?v=1$/)
  },

  async answerBytes(make) {
    await using client = make({ fetch: box, answerBytes: 10 })
    await expect(client.get('box')).rejects.toMatchObject({ code: 'too_large' })
  },

  async offline(make) {
    const away: typeof fetch = () => Promise.reject(new TypeError('no network'))
    await using client = make({ fetch: away, offline: { onRefused() {} } })
    expect(await client.set('box', 1)).toEqual({ kind: 'queued', path: 'box' })
  },

  async logger(make) {
    const errors: string[] = []
    const logger = { ...silentLogger, error: (message: string) => void errors.push(message) }
    const { Hand, sockets } = handSockets()
    await using client = make({ WebSocket: Hand, logger })
    client.subscribe('box', () => {
      throw new Error('mine')
    })
    await eventually(() => sockets.length === 1)
    sockets[0]?.open()
    sockets[0]?.say(told)
    expect(errors).toEqual(['an onValue threw'])
  },

  async runtime(make) {
    const runtime = handDriven()
    await using client = make({ fetch: never, runtime })
    const reading = client.get('box')
    runtime.pass(30_000)
    await expect(soon(reading)).rejects.toMatchObject({ code: 'timeout' })
  },

  async signal(make) {
    const stop = new AbortController()
    await using client = make({ fetch: box, signal: stop.signal })
    await client.get('box')
    stop.abort()
    await expect(client.get('box')).rejects.toMatchObject({ code: 'closed' })
  },
} satisfies Record<keyof ConnectOptions, Test>

describe('an option of connectState:', () => {
  // Nobody listens on the port of discard.
  const make = (options: ConnectOptions) => connectState('http://127.0.0.1:9', options)
  testEachOption(tests, { section: '`connectState`', make })
})
