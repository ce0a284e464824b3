import { describe, expect, it, vi } from 'vitest'
import type { EventId, LogEvent } from '../../event/index.ts'
import { start } from '../../version/index.ts'
import { handDriven } from '../fixtures/hand-driven.ts'
import { framesOf, type Hub, hubOf } from '../fixtures/hub.ts'
import { everything, idsIn, logOf, pushOf, someOrigin, wellFormed } from '../fixtures/logs.ts'
import { type HttpTransportOptions, httpTransport } from './client.ts'

describe('against a handler', () => {
  it('moves events both ways', async () => {
    const hub = await hubOf()
    const laptop = await logOf('laptop', 3)
    await using transport = to(hub)
    const push = await pushOf(laptop)
    const { origin } = push
    const { end } = await laptop.identity()
    const welcome = await transport.hello({ origin })
    expect(welcome).toEqual({
      ...(await hub.log.identity()),
      time: expect.any(Number),
      limits: { count: 2000, bytes: 4194304 },
      filters: true,
      rules: [],
      you: { received: start, pulled: start, sequence: 0n, ids: [] },
    })
    expect(await transport.push(push)).toEqual({
      kind: 'applied',
      receipts: Array(3).fill({ kind: 'stored' }),
    })
    const you = { origin: welcome.origin, received: start, pulled: start, sequence: 0n, ids: [] }
    const again = await transport.hello({ origin, you })
    expect(again.you).toEqual({ received: end, pulled: start, sequence: 3n, ids: ['e2'] })
    expect(again.origin).toBe(welcome.origin)

    const page = await transport.pull(start, everything)
    expect(page).toMatchObject({ kind: 'page', more: false, cursor: again.end })
    expect(page.kind === 'page' && framesOf(page.changes)).toBe(framesOf(push.changes))
    const none = await transport.pull(start, { ...everything, notVia: origin })
    const leftOut = { received: end, pulled: start }
    expect(none).toEqual({ kind: 'page', changes: [], cursor: again.end, more: false, leftOut })
    expect(await transport.pull(wellFormed, everything)).toEqual({ kind: 'reset' })
    const ids = ['e2', 'none'] as EventId[]
    const found = await transport.pull(wellFormed, { ...everything, ids })
    expect(found).toMatchObject({ kind: 'page', cursor: wellFormed, more: false })
    expect(found.kind === 'page' && found.changes.map(({ id }) => id)).toEqual(['e2'])
  })

  it('brings every kind of receipt across', async () => {
    const receipts = [
      { kind: 'stored' },
      { kind: 'filled' },
      { kind: 'duplicate' },
      { kind: 'forked' },
      { kind: 'missing', parents: ['p1', 'p2'] },
      { kind: 'rejected', reason: 'clock', message: 'not yet', retryable: true },
      { kind: 'rejected', reason: 'id_conflict', message: 'no', retryable: false },
    ]
    const hub = await hubOf()
    hub.log.apply = async () => ({ kind: 'applied', receipts: receipts as never })
    const push = await pushOf(await logOf('laptop', receipts.length))
    expect(await to(hub).push(push)).toEqual({ kind: 'applied', receipts })
    hub.log.apply = async () => ({ kind: 'reset' })
    const { origin } = await hub.log.identity()
    expect(await to(hub).push(push)).toMatchObject({ kind: 'reset', standing: { origin } })
  })

  it('packs what is sent and asks for packed answers, from the threshold on', async () => {
    const hub = await hubOf()
    const seen: Request[] = []
    const fetch = seeing(hub, seen)
    const push = await pushOf(await logOf('laptop', 20))
    await httpTransport({ url, fetch }).push(push)
    await httpTransport({ url, fetch, threshold: 1e6 }).push(push)
    await httpTransport({ url, fetch, compress: false }).push(push)
    await httpTransport({ url: 'http://127.0.0.1/sync', fetch }).push(push)
    const codings = seen.map(({ headers }) => [
      headers.get('content-encoding'),
      headers.get('accept-encoding'),
    ])
    expect(codings).toEqual([
      ['gzip', 'gzip'],
      [null, 'gzip'],
      [null, 'identity'],
      // This machine: bytes cost nothing.
      [null, 'identity'],
    ])
    expect(await idsIn(hub.log)).toHaveLength(20)
  })

  it('reads answers that its fetch has not unpacked', async () => {
    const hub = await hubOf(50)
    const page = await to(hub).pull(start, everything)
    expect(page.kind === 'page' && page.changes).toHaveLength(50)
  })
})

describe('headers', () => {
  it('go with every request, asked for each time', async () => {
    const hub = await hubOf()
    const seen: Request[] = []
    let asked = 0
    const headers = async () => ({ authorization: `Bearer ${++asked}` })
    const transport = httpTransport({ url, fetch: seeing(hub, seen), headers })
    await transport.hello({ origin: someOrigin })
    await transport.pull(start, everything)
    const sent = seen.map((request) => request.headers.get('authorization'))
    expect(sent).toEqual(['Bearer 1', 'Bearer 2'])
  })

  it('that cannot be had make the call fail as unauthorized', async () => {
    const headers = () => Promise.reject(new Error('no token'))
    const call = to(await hubOf(), { headers }).hello({ origin: someOrigin })
    await expect(call).rejects.toMatchObject({ code: 'unauthorized', message: 'no token' })
  })

  it('of an address with credentials are basic ones, which no message shows', async () => {
    const seen: Request[] = []
    const fetch = seeing(await hubOf(), seen)
    await httpTransport({ url: 'https://me:s%C3%A9cret@hub.test', fetch }).hello({
      origin: someOrigin,
    })
    expect(seen[0]?.url).toMatch(/^https:\/\/hub\.test\/sync\/hello\?/)
    const basic = Buffer.from('me:sécret').toString('base64')
    expect(seen[0]?.headers.get('authorization')).toBe(`Basic ${basic}`)
    const broken = () => Promise.reject(new TypeError('fetch failed'))
    const call = httpTransport({ url: 'https://me:secret@hub.test', fetch: broken })
    const error = await call.hello({ origin: someOrigin }).catch((thrown: Error) => thrown)
    expect(JSON.stringify(error)).not.toContain('secret')
  })
})

describe('every call', () => {
  const calls: Record<
    string,
    (to: ReturnType<typeof httpTransport>, signal?: AbortSignal) => Promise<unknown>
  > = {
    hello: (transport, signal) => transport.hello({ origin: someOrigin }, signal),
    push: (transport, signal) => transport.push(emptyPush, signal),
    pull: (transport, signal) => transport.pull(start, everything, signal),
    fetch: (transport, signal) => transport.pull(start, { ...everything, ids: [] }, signal),
  }

  describe.each(Object.entries(calls))('%s', (_, call) => {
    it('rejects with the reason of its signal, before and during', async () => {
      const transport = deaf()
      await expect(call(transport, AbortSignal.abort('early'))).rejects.toBe('early')
      const stop = new AbortController()
      const running = call(transport, stop.signal)
      stop.abort('late')
      await expect(running).rejects.toBe('late')
    })

    it('rejects with its reason while headers are waited for', async () => {
      const stop = new AbortController()
      const headers = () => new Promise<HeadersInit>(() => {})
      const running = call(httpTransport({ url, headers }), stop.signal)
      stop.abort('late')
      await expect(running).rejects.toBe('late')
    })

    it('ends with a timeout, and leaves no timer', async () => {
      const runtime = handDriven()
      const running = call(deaf({ runtime }))
      runtime.pass(30_000)
      await expect(running).rejects.toMatchObject({ code: 'timeout', retryable: true })
      expect(runtime.pending).toBe(0)
    })

    it('ends as closed when the transport closes, and does not begin after', async () => {
      const transport = deaf()
      const running = expect(call(transport)).rejects.toMatchObject({ code: 'closed' })
      await transport.close()
      await running
      await transport.close()
      await expect(call(transport)).rejects.toMatchObject({ code: 'closed' })
    })
  })

  it('tells fetch when it is given up', async () => {
    let signal: AbortSignal | null | undefined
    const fetch: typeof globalThis.fetch = (_, init) => {
      signal = init?.signal
      return new Promise(() => {})
    }
    const stop = new AbortController()
    const running = httpTransport({ url, fetch }).hello({ origin: someOrigin }, stop.signal)
    await vi.waitFor(() => expect(signal).toBeDefined())
    stop.abort('enough')
    await expect(running).rejects.toBe('enough')
    expect(signal?.reason).toBe('enough')
  })
})

describe('options that make no sense are refused', () => {
  it.each<[string, Partial<HttpTransportOptions>]>([
    ['no URL', { url: 'hub' }],
    ['another scheme', { url: 'ftp://hub.test' }],
    ['a query', { url: 'http://hub.test/sync?x=1' }],
    ['a fragment', { url: 'http://hub.test/sync#x' }],
    ['a timeout of nothing', { timeout: 0 }],
    ['a limit of nothing', { limits: { bodyBytes: 0 } }],
  ])('%s', (_, options) => {
    expect(() => httpTransport({ url, ...options })).toThrow(
      expect.objectContaining({ code: 'invalid_argument' }),
    )
  })
})

const url = 'https://hub.test/sync'
const emptyPush = { origin: someOrigin, changes: [] as LogEvent[], cursor: start, expects: start }

function to(hub: Hub, options: Partial<HttpTransportOptions> = {}) {
  return httpTransport({ url, fetch: seeing(hub, []), ...options })
}

function seeing(hub: Hub, seen: Request[]): typeof fetch {
  return (input, init) => {
    const request = new Request(input, init)
    seen.push(request)
    return hub.handler(request)
  }
}

/** A transport whose requests nobody ever answers. */
function deaf(options: Partial<HttpTransportOptions> = {}) {
  return httpTransport({ url, fetch: () => new Promise(() => {}), ...options })
}
