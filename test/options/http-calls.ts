import { expect } from 'vitest'
import type { PushBatch, Transport } from '../../src/contracts/index.ts'
import type { Origin } from '../../src/event/index.ts'
import { handDriven } from '../../src/transport/fixtures/hand-driven.ts'
import type { Handler, HttpTransportOptions } from '../../src/transport/http/index.ts'
import { start } from '../../src/version/index.ts'
import { eventually, type OptionTest, soon } from './each-option.ts'

/** How a remote is called over HTTP, whatever it holds. */
export type CallOptions = Pick<
  HttpTransportOptions,
  | 'url'
  | 'fetch'
  | 'headers'
  | 'timeout'
  | 'compress'
  | 'threshold'
  | 'live'
  | 'silence'
  | 'runtime'
>

export interface CalledRemote<C> {
  /** A hub's fetch, and what it was asked; it holds so many changes. */
  server(changes?: number): Promise<AskedFetch>
  batch(): Promise<PushBatch<C>>
  /** Of its first change. */
  readonly first: object
}

/** A test for each of these options, for a transport to a remote of any kind. */
export function callTests<C>({ server, batch, first }: CalledRemote<C>) {
  return {
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

    async compress(make) {
      const { fetch, asked } = await server()
      await using transport = make({ url: 'http://127.0.0.1:9', fetch, compress: true })
      await transport.hello(mine)
      expect(asked[0]?.headers.get('accept-encoding')).toBe('gzip')
    },

    async threshold(make) {
      const { fetch, asked } = await server()
      await using transport = make({ url, fetch, threshold: 1 })
      await transport.push(await batch())
      expect(asked[0]?.headers.get('content-encoding')).toBe('gzip')
    },

    async live(make) {
      const { fetch, asked } = await server(1)
      await using transport = make({ url, fetch, live: 'sse' })
      const { signal } = new AbortController()
      for await (const page of transport.subscribe?.(start, everything, signal) ?? []) {
        expect(page).toMatchObject({ kind: 'page', changes: [first] })
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
  } satisfies Record<keyof CallOptions, OptionTest<CallOptions, Transport<C>>>
}

export interface AskedFetch {
  readonly fetch: typeof fetch
  readonly asked: readonly Request[]
}

/** The fetch that reaches a handler. */
export function fetchOf(handler: Handler): AskedFetch {
  const asked: Request[] = []
  const fetch: typeof globalThis.fetch = (input, init) => {
    const request = new Request(input, init)
    asked.push(request.clone())
    return handler(request)
  }
  return { fetch, asked }
}

export const url = 'http://hub.test'
export const mine = { origin: 'laptop~0123456789abcdef' as Origin }
export const everything = { count: 1_000, bytes: 2 ** 20 }
