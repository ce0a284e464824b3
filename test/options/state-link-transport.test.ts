import { describe, expect } from 'vitest'
import type { LinkedChange, Transport } from '../../src/contracts/index.ts'
import type { Origin } from '../../src/event/index.ts'
import { type StateLinkTransportOptions, stateLinkTransport } from '../../src/state/index.ts'
import { testRuntime } from '../../src/testing/acceptance/event-store/test-runtime.ts'
import { put, write } from '../../src/testing/acceptance/state-storage/changes.ts'
import { stateKind } from '../../src/testing/acceptance/transport/state-kind.ts'
import { handDriven } from '../../src/transport/fixtures/hand-driven.ts'
import { stateLinkHandler } from '../../src/transport/http/index.ts'
import { start } from '../../src/version/index.ts'
import { eventually, type OptionTest, soon, testEachOption } from './each-option.ts'

type Test = OptionTest<StateLinkTransportOptions, Transport<LinkedChange>>

const mine = { origin: 'member~0123456789abcdef' as Origin }
const everything = { count: 1_000, bytes: 2 ** 20 }
const url = 'http://hub.test'

const tests = {
  async url(make) {
    const { fetch, asked } = await server()
    await using transport = make({ url: 'http://elsewhere.test/some/where', fetch })
    await transport.hello(mine).catch(() => {})
    expect(asked[0]?.url).toMatch(/^http:\/\/elsewhere\.test\/some\/where\/hello\b/)
  },

  async name(make) {
    const { fetch } = await server('things')
    await using transport = make({ url, fetch, name: 'things' })
    expect(await transport.hello(mine)).toMatchObject({ node: 'hub' })
  },

  async fetch(make) {
    const { fetch } = await server()
    // Nobody listens on the port of discard.
    await using transport = make({ url: 'http://127.0.0.1:9', fetch })
    expect(await transport.hello(mine)).toMatchObject({ node: 'hub' })
  },

  async headers(make) {
    const { fetch, asked } = await server()
    await using transport = make({ url, fetch, headers: { authorization: 'Bearer x' } })
    await transport.hello(mine)
    expect(asked[0]?.headers.get('authorization')).toBe('Bearer x')
  },

  async timeout(make) {
    const runtime = handDriven()
    const fetch = () => new Promise<never>(() => {})
    await using transport = make({ url, fetch, runtime, timeout: 50 })
    const greeting = transport.hello(mine)
    greeting.catch(() => {})
    await eventually(() => runtime.pending > 0)
    runtime.pass(50)
    await expect(soon(greeting)).rejects.toMatchObject({ code: 'timeout' })
  },

  async limits(make) {
    const { fetch } = await server('main', 1)
    await using transport = make({ url, fetch, limits: { change: { dataBytes: 3 } } })
    await expect(transport.pull(start, everything)).rejects.toMatchObject({ code: 'invalid_event' })
  },

  async compress(make) {
    const { fetch, asked } = await server()
    await using transport = make({ url: 'http://127.0.0.1:9', fetch, compress: true })
    await transport.hello(mine)
    expect(asked[0]?.headers.get('accept-encoding')).toBe('gzip')
  },

  async threshold(make) {
    const { fetch, asked } = await server()
    await using transport = make({ url, fetch, threshold: 1 })
    const changes = [stateKind.writer().write()]
    await transport.push({ ...mine, changes, cursor: start, expects: start })
    expect(asked[0]?.headers.get('content-encoding')).toBe('gzip')
  },

  async live(make) {
    const { fetch, asked } = await server('main', 1)
    await using transport = make({ url, fetch, live: 'sse' })
    const { signal } = new AbortController()
    for await (const page of transport.subscribe?.(start, everything, signal) ?? []) {
      expect(page).toMatchObject({ kind: 'page', changes: [{ path: 'a/0' }] })
      break
    }
    expect(asked[0]?.headers.get('accept')).toBe('text/event-stream')
    await using deaf = make({ url, fetch, live: false })
    expect('subscribe' in deaf).toBe(false)
  },

  async silence(make) {
    const runtime = handDriven()
    const { fetch } = await server()
    await using transport = make({ url, fetch, runtime, live: 'sse', silence: 50 })
    const { signal } = new AbortController()
    const pages = transport.subscribe?.(start, everything, signal)[Symbol.asyncIterator]()
    await pages?.next()
    const lost = pages?.next() as Promise<unknown>
    lost.catch(() => {})
    await eventually(() => runtime.pending > 0)
    runtime.pass(50)
    await expect(soon(lost)).rejects.toMatchObject({ code: 'network' })
  },

  async runtime(make) {
    const runtime = handDriven()
    await using transport = make({ url, fetch: () => new Promise(() => {}), runtime })
    const greeting = transport.hello(mine)
    greeting.catch(() => {})
    await eventually(() => runtime.pending > 0)
  },
} satisfies Record<keyof StateLinkTransportOptions, Test>

describe('an option of the transport to a storage of state', () =>
  testEachOption<StateLinkTransportOptions, Transport<LinkedChange>>(tests, {
    section: '`stateLinkTransport`',
    make: stateLinkTransport,
  }))

/** A storage's fetch, and what it was asked. */
async function server(name = 'main', objects = 0) {
  const storage = await stateKind.open(testRuntime())
  for (let at = 0; at < objects; at++) await put(storage, write(`a/${at}`, BigInt(at + 1)))
  const handler = stateLinkHandler(storage, { name })
  const asked: Request[] = []
  const fetch: typeof globalThis.fetch = (input, init) => {
    const request = new Request(input, init)
    asked.push(request)
    return handler(request)
  }
  return { fetch, asked }
}
