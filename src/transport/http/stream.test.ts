import { describe, expect, it } from 'vitest'
import type { ChangePage, LiveWant, Transport } from '../../contracts/index.ts'
import { filterOf, type LogEvent } from '../../event/index.ts'
import { systemRuntime } from '../../runtime/index.ts'
import { type Cursor, start } from '../../version/index.ts'
import { handDriven } from '../fixtures/hand-driven.ts'
import { errorIn, type Hub, hubOf } from '../fixtures/hub.ts'
import { eventAt, wellFormed } from '../fixtures/logs.ts'
import { type HttpTransportOptions, httpTransport } from './client.ts'

const stream = { headers: { accept: 'text/event-stream' } }

describe('a stream of events', () => {
  it('tells what is there at once, then each commit, with cursors as ids', async () => {
    const hub = await hubOf(1)
    const response = await hub.ask('events?after=&count=1000&bytes=1048576', stream)
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    const read = reader(response)
    const first = await read()
    const { end } = await hub.log.identity()
    expect(first).toMatch(/^id: \S+\ndata: \{"id":"e0".*\ndata: \{.*\}\ndata: \{"end":.*\}\n\n$/)
    expect(first.startsWith(`id: ${end}\n`)).toBe(true)
    const next = read()
    await hub.log.append([eventAt(1)])
    expect(await next).toContain('"id":"e1"')
  })

  it('begins with an empty page where there is nothing', async () => {
    const hub = await hubOf()
    const read = reader(await hub.ask('events', stream))
    expect(await read()).toBe('id\ndata: {"end":{"cursor":"","more":false}}\n\n')
  })

  it('goes on behind Last-Event-ID, whatever address it began with', async () => {
    const hub = await hubOf(2)
    const pages = reader(await hub.ask('events?count=1', stream))
    const [, id = ''] = /^id: (.*)$/m.exec(await pages()) ?? []
    const headers = { ...stream.headers, 'last-event-id': id }
    const resumed = await reader(await hub.ask('events?count=1', { headers }))()
    expect(resumed).toContain('"id":"e1"')
    const wrong = await hub.ask('events', { headers: { ...stream.headers, 'last-event-id': 'x' } })
    expect(wrong.status).toBe(400)
    expect((await errorIn(wrong)).message).toContain('Last-Event-ID')
  })

  it('takes a filter, in its address or in a body', async () => {
    const hub = await hubOf(3)
    const filter = '{"aggregates":["a1"]}'
    const asked = await hub.ask(`events?filter=${encodeURIComponent(filter)}`, stream)
    const posted = await hub.ask('events/pull', {
      method: 'POST',
      headers: { ...stream.headers, 'content-type': 'application/json' },
      body: JSON.stringify({ after: '', count: 10, bytes: 1000, filter }),
    })
    const page = await reader(asked)()
    expect(page).toContain('"id":"e1"')
    expect(page).not.toContain('"id":"e0"')
    expect((await reader(posted)()).replace(/"more":\w+/, '')).toBe(page.replace(/"more":\w+/, ''))
  })

  it('leaves out nothing for one reader: that is refused', async () => {
    const hub = await hubOf(1)
    const origin = 'laptop~0123456789abcdef'
    const asked = await hub.ask(`events?not-via=${origin}`, stream)
    expect(asked.status).toBe(400)
    const body = { after: '', count: 1, bytes: 1, filter: '{}', notVia: origin }
    const posted = await hub.ask('events/pull', {
      method: 'POST',
      headers: { ...stream.headers, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    expect(posted.status).toBe(400)
  })

  it('ends with a message called reset for a cursor that is not held', async () => {
    const hub = await hubOf(1)
    const response = await hub.ask(`events?after=${wellFormed}`, stream)
    expect(await response.text()).toBe('id\nevent: reset\ndata: {"end":{"reset":true}}\n\n')
  })

  it('shows signs of life by one timer for all, until the last has gone', async () => {
    const runtime = handDriven()
    const hub = await hubOf(0, { runtime, heartbeat: 1_000 })
    const responses = await Promise.all([1, 2, 3].map(() => hub.ask('events', stream)))
    const readers = responses.map((response) => reader(response))
    for (const read of readers) await read()
    const signs = readers.map((read) => read())
    expect(runtime.pending).toBe(1)
    runtime.pass(1_000)
    expect(await Promise.all(signs)).toEqual([':\n\n', ':\n\n', ':\n\n'])
    for (const read of readers) await read.cancel()
    expect(runtime.pending).toBe(0)
  })

  it('ends when the log is closed', async () => {
    const hub = await hubOf(1)
    const read = reader(await hub.ask('events', stream))
    await read()
    const end = read()
    await hub.log.close()
    expect(await end).toBe('')
  })

  it('has no body for HEAD, and follows nothing', async () => {
    const hub = await hubOf(1)
    const response = await hub.ask('events', { ...stream, method: 'HEAD' })
    expect([response.status, response.body]).toEqual([200, null])
  })

  it('gives one who has stopped reading nothing more, and everything when they go on', async () => {
    const hub = await hubOf()
    const read = reader(await hub.ask('events', stream))
    await read()
    for (let at = 0; at < 20; at++) await hub.log.append([eventAt(at)])
    let seen = ''
    while (!seen.includes('"id":"e19"')) seen += await read()
    expect(seen.match(/"id":"e\d+"/g)?.length).toBe(20)
  })
})

describe('an HTTP transport that subscribes', () => {
  it('gives pages as its remote has them', async () => {
    const hub = await hubOf(2)
    const pages = subscribed(hub)
    expect(ids(await pages.next())).toEqual(['e0', 'e1'])
    const next = pages.next()
    const data = { text: 'a\rb  \u2028 ü', big: 1 }
    await hub.log.append([{ ...eventAt(2), data }])
    const page = (await next).value as ChangePage<LogEvent>
    expect(page.kind === 'page' && page.changes[0]?.data).toEqual(data)
    expect(page).toMatchObject({ cursor: (await hub.log.identity()).end, more: false })
  })

  it('holds to the filter there', async () => {
    const hub = await hubOf(3)
    const filter = filterOf({ aggregates: ['a1'] }, systemRuntime, {
      operation: 't',
      component: 't',
    })
    const pages = subscribed(hub, { want: { count: 10, bytes: 1e6, filter } })
    expect(ids(await pages.next())).toEqual(['e1'])
  })

  it('ends after a reset', async () => {
    const pages = subscribed(await hubOf(1), { after: wellFormed })
    expect((await pages.next()).value).toEqual({ kind: 'reset' })
    expect((await pages.next()).done).toBe(true)
  })

  it('rejects when the stream ends, when its signal aborts and when the transport closes', async () => {
    const hub = await hubOf(1)
    const ended = subscribed(hub)
    await ended.next()
    const stop = new AbortController()
    const stopped = subscribed(hub, { signal: stop.signal })
    await stopped.next()
    const waiting = expect(stopped.next()).rejects.toBe('enough')
    stop.abort('enough')
    await waiting
    const transport = transportTo(hub)
    const closed = subscribed(hub, { transport })
    await closed.next()
    const open = expect(closed.next()).rejects.toMatchObject({ code: 'closed' })
    await transport.close()
    await open
    const lost = expect(ended.next()).rejects.toMatchObject({ code: 'network', retryable: true })
    await hub.log.close()
    await lost
  })

  it('counts a stream without signs of life as lost, and one with them as alive', async () => {
    const runtime = handDriven()
    const hub = await hubOf(0, { runtime, heartbeat: 40 })
    const transport = transportTo(hub, { runtime, silence: 100 })
    const pages = subscribed(hub, { transport })
    await pages.next()
    const next = pages.next()
    for (let at = 0; at < 10; at++) {
      await soon()
      runtime.pass(40)
    }
    await soon()
    await hub.log.append([eventAt(0)])
    expect(ids(await next)).toEqual(['e0'])

    const silent = await hubOf(0, { runtime, heartbeat: 1_000_000 })
    const lost = subscribed(silent, { transport: transportTo(silent, { runtime, silence: 100 }) })
    await lost.next()
    const waiting = expect(lost.next()).rejects.toMatchObject({
      code: 'network',
      message: expect.stringContaining('nothing was heard for 100 ms'),
    })
    await soon()
    runtime.pass(100)
    await waiting
  })

  it('says what refuses it', async () => {
    const hub = await hubOf(1, { authorize: () => false })
    await expect(subscribed(hub).next()).rejects.toMatchObject({ code: 'unauthorized' })
    const page: typeof fetch = async () =>
      new Response('<html>', { headers: { 'content-type': 'text/html' } })
    const elsewhere = httpTransport({ url: 'http://hub.test/sync', fetch: page })
    await expect(subscribed(hub, { transport: elsewhere }).next()).rejects.toMatchObject({
      code: 'protocol',
      message: expect.stringContaining('text/html'),
    })
  })

  it('X1: refuses a page that grows beyond its limit', async () => {
    const hub = await hubOf(50)
    const transport = transportTo(hub, { limits: { unpackedBytes: 1_000 } })
    await expect(subscribed(hub, { transport }).next()).rejects.toMatchObject({ code: 'too_large' })
  })

  it('waits for its beginning no longer than for any answer', async () => {
    const runtime = handDriven()
    const never: typeof fetch = () => new Promise(() => {})
    const transport = httpTransport({ url: 'http://hub.test', fetch: never, runtime, timeout: 50 })
    const waiting = expect(subscribed(undefined, { transport }).next()).rejects.toMatchObject({
      code: 'timeout',
    })
    await soon()
    runtime.pass(50)
    await waiting
    expect(runtime.pending).toBe(0)
    const headers = () => new Promise<HeadersInit>(() => {})
    const asking = httpTransport({ url: 'http://hub.test', headers, runtime, timeout: 50 })
    const asked = expect(subscribed(undefined, { transport: asking }).next()).rejects.toMatchObject(
      {
        code: 'timeout',
      },
    )
    await soon()
    runtime.pass(50)
    await asked
  })

  it('has no subscribe where that is not wanted', async () => {
    const hub = await hubOf()
    expect('subscribe' in transportTo(hub, { live: false })).toBe(false)
    expect(() => transportTo(hub, { live: 'pigeon' as 'sse' })).toThrow('live')
  })
})

function transportTo(hub: Hub, options: Partial<HttpTransportOptions> = {}): Transport<LogEvent> {
  const fetch = (url: string | URL | Request, init?: RequestInit) =>
    hub.handler(new Request(url, init))
  return httpTransport({ url: 'http://hub.test/sync', fetch, ...options })
}

interface Subscribing {
  readonly transport?: Transport<LogEvent>
  readonly after?: Cursor
  readonly want?: LiveWant
  readonly signal?: AbortSignal
}

function subscribed(hub: Hub | undefined, given: Subscribing = {}) {
  const transport = given.transport ?? transportTo(hub as Hub)
  const { after = start, want = { count: 1_000, bytes: 1e6 } } = given
  const signal = given.signal ?? new AbortController().signal
  const pages = transport.subscribe?.(after, want, signal)
  if (pages === undefined) throw new Error('it does not subscribe')
  return pages[Symbol.asyncIterator]()
}

function ids({ value }: IteratorResult<ChangePage<LogEvent>>): string[] {
  return value?.kind === 'page' ? value.changes.map(({ id }: LogEvent) => id) : []
}

/** The next piece of a body, as text; empty at its end. */
function reader(response: Response) {
  const body = response.body?.getReader()
  const text = new TextDecoder()
  const read = async () => {
    const { value } = (await body?.read()) ?? {}
    return value === undefined ? '' : text.decode(value)
  }
  return Object.assign(read, { cancel: () => body?.cancel() })
}

function soon(): Promise<void> {
  return new Promise((resolve) => systemRuntime.soon(() => systemRuntime.soon(resolve)))
}
