import { describe, expect } from 'vitest'
import type { Transport } from '../../src/contracts/index.ts'
import type { LogEvent, Origin } from '../../src/event/index.ts'
import { handDriven } from '../../src/transport/fixtures/hand-driven.ts'
import { hubOf } from '../../src/transport/fixtures/hub.ts'
import { logOf, pushOf, someOrigin } from '../../src/transport/fixtures/logs.ts'
import {
  type HttpTransportOptions,
  httpTransport,
  type LogHandlerOptions,
} from '../../src/transport/http/index.ts'
import { start } from '../../src/version/index.ts'
import { eventually, type OptionTest, soon, testEachOption } from './each-option.ts'

type Test = OptionTest<HttpTransportOptions, Transport<LogEvent>>

const mine = { origin: someOrigin as Origin }
const everything = { count: 1_000, bytes: 2 ** 20 }

const tests = {
  async url(make) {
    const { fetch, asked } = await server()
    await using transport = make({ url: 'http://elsewhere.test/some/where', fetch })
    await transport.hello(mine).catch(() => {})
    expect(asked[0]?.url).toMatch(/^http:\/\/elsewhere\.test\/some\/where\/hello\b/)
  },

  async fetch(make) {
    const { fetch, asked } = await server()
    // Nobody listens on the port of discard.
    await using transport = make({ url: 'http://127.0.0.1:9', fetch })
    expect(await transport.hello(mine)).toMatchObject({ node: 'hub' })
    expect(asked.length).toBeGreaterThan(0)
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
    const { fetch } = await server({}, 50)
    await using transport = make({ url, fetch, limits: { unpackedBytes: 1_000 } })
    await expect(transport.pull(start, everything)).rejects.toMatchObject({ code: 'too_large' })
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
    await transport.push(await pushOf(await logOf('laptop', 1)))
    expect(asked[0]?.headers.get('content-encoding')).toBe('gzip')
  },

  async protocol(make) {
    const { fetch, asked } = await server()
    await using transport = make({ url, fetch, protocol: 'compat' })
    await transport.hello(mine)
    expect(asked.map(pathOf)).not.toContain('/sync/hello')
  },

  async versions(make) {
    const versions = {
      parse: (version: string) => (/^v\d+$/.test(version) ? BigInt(version.slice(1)) : undefined),
      format: (position: bigint) => `v${position}`,
    }
    const { fetch } = await server({ compat: { versions } }, 3)
    await using transport = make({ url, fetch, protocol: 'compat', versions })
    await transport.hello(mine)
    const page = await transport.pull(start, everything)
    expect(page).toMatchObject({
      kind: 'page',
      changes: [{ id: 'e0' }, { id: 'e1' }, { id: 'e2' }],
    })
  },

  async live(make) {
    const { fetch, asked } = await server({}, 1)
    await using transport = make({ url, fetch, live: 'sse' })
    const { signal } = new AbortController()
    for await (const page of transport.subscribe?.(start, everything, signal) ?? []) {
      expect(page).toMatchObject({ kind: 'page', changes: [{ id: 'e0' }] })
      break
    }
    expect(asked[0]?.headers.get('accept')).toBe('text/event-stream')
    await using deaf = make({ url, fetch, live: false })
    expect('subscribe' in deaf).toBe(false)
  },

  async silence(make) {
    const runtime = handDriven()
    const { fetch } = await server()
    await using transport = make({ url, fetch, runtime, silence: 50 })
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
} satisfies Record<keyof HttpTransportOptions, Test>

describe('an option of the transport over HTTP', () =>
  testEachOption<HttpTransportOptions, Transport<LogEvent>>(tests, {
    section: '`httpTransport`',
    make: httpTransport,
  }))

const url = 'http://hub.test'

/** A hub's fetch, and what it was asked. */
async function server(options: LogHandlerOptions = {}, events = 0) {
  const { handler } = await hubOf(events, options)
  const asked: Request[] = []
  const fetch = (input: string | URL | Request, init?: RequestInit) => {
    const request = new Request(input, init)
    asked.push(request.clone())
    return handler(request)
  }
  return { fetch, asked }
}

function pathOf(request: Request): string {
  return new URL(request.url).pathname
}
