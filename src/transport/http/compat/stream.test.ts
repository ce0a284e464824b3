import { describe, expect, it } from 'vitest'
import type { ChangePage } from '../../../contracts/index.ts'
import type { EventId, LogEvent } from '../../../event/index.ts'
import { start } from '../../../version/index.ts'
import { goClientOf } from '../../fixtures/go-client.ts'
import { type Hub, hubOf } from '../../fixtures/hub.ts'
import { eventAt, logOf, pushOf } from '../../fixtures/logs.ts'
import { httpTransport } from '../client.ts'

describe('the stream for go-sync-kit’s clients', () => {
  it('begins at the beginning, and goes on with each commit', async () => {
    const hub = await hubOf(2)
    const read = linesOf(await hub.ask('sse'))
    expect(await read()).toEqual([
      'id: 2',
      expect.stringMatching(
        /^data: \{"events":\[\{"event":\{"id":"e0",.*\},"version":"1"\},.*\],"next_cursor":\{"kind":"integer","data":2\}\}$/,
      ),
    ])
    const next = read()
    await hub.log.append([eventAt(2)])
    expect((await next)[1]).toContain('"version":"3"')
  })

  it('says the events as a pull does, behind a cursor', async () => {
    const hub = await hubOf(3)
    const read = linesOf(await hub.ask(`sse?cursor=${cursor(1)}`))
    const [, line = ''] = await read()
    const message = JSON.parse(line.slice('data: '.length))
    expect(message.events).toEqual(await goClientOf(hub).pulled('?since=1'))
    const headers = { 'last-event-id': '2' }
    const [id] = await linesOf(await hub.ask(`sse?cursor=${cursor(0)}`, { headers }))()
    expect(id).toBe('id: 3')
  })

  it('puts at most 100 events into a message, and never 10 MiB into a line', async () => {
    const hub = await hubOf(250)
    const read = linesOf(await hub.ask('sse'))
    const ids = [await read(), await read(), await read()].map(([id]) => id)
    expect(ids).toEqual(['id: 100', 'id: 200', 'id: 250'])
    const large = await hubOf()
    const data = 'x'.repeat(1_000_000)
    for (let at = 0; at < 20; at += 2)
      await large.log.append([at, at + 1].map((number) => ({ ...eventAt(number), data })))
    const readLarge = linesOf(await large.ask('sse'))
    let seen = 0
    while (seen < 20) {
      const [, line = ''] = await readLarge()
      expect(line.length).toBeLessThan(10 * 1024 * 1024)
      seen += JSON.parse(line.slice(6)).events.length
    }
  })

  it('shows a sign of life where there is nothing, and nothing of what Go could not read', async () => {
    const hub = await hubOf(1)
    const read = linesOf(await hub.ask(`sse?cursor=${cursor(1)}`))
    expect(await read()).toEqual([':'])
    await hub.log.erase(['e0' as EventId])
    expect(await read()).toEqual([':'])
    const next = read()
    await hub.log.append([eventAt(1)])
    expect((await next)[0]).toBe('id: 3')
  })

  it('refuses a bad cursor as Go does', async () => {
    const hub = await hubOf(1)
    for (const [given, said] of [
      ['x', 'bad cursor format\n'],
      ['7', 'bad cursor format\n'],
      ['[]', 'bad cursor format\n'],
      ['null', 'bad cursor\n'],
      ['{}', 'bad cursor\n'],
      ['{"kind":"bytes","data":1}', 'bad cursor\n'],
      ['{"kind":"integer","data":-1}', 'bad cursor\n'],
      ['{"kind":"vector","data":{"a":1}}', 'bad cursor\n'],
    ] as const) {
      const response = await hub.ask(`sse?cursor=${encodeURIComponent(given)}`)
      expect([response.status, await response.text()], given).toEqual([400, said])
      expect(response.headers.get('content-type')).toMatch(/^text\/plain/)
    }
    expect((await hub.ask('sse', { method: 'POST', body: '{}' })).status).toBe(405)
  })

  it('says reset to whoever has seen more than there is, in a line that Go passes over', async () => {
    const hub = await hubOf(1)
    const response = await hub.ask(`sse?cursor=${cursor(9)}`)
    expect(await response.text()).toBe('id: 0\nevent: reset\ndata:{"reset":true}\n\n')
  })

  it('reads once for all who stand at one position', async () => {
    const hub = await hubOf(1)
    let reads = 0
    const { entries } = hub.log
    hub.log.entries = (...given) => {
      reads++
      return entries.apply(hub.log, given)
    }
    const readers = await Promise.all(
      Array.from({ length: 50 }, async () => linesOf(await hub.ask('sse'))),
    )
    await Promise.all(readers.map((read) => read()))
    expect(reads).toBe(1)
    const next = Promise.all(readers.map((read) => read()))
    await hub.log.append([eventAt(1)])
    expect(new Set((await next).map(([id]) => id))).toEqual(new Set(['id: 2']))
    expect(reads).toBe(2)
  })
})

describe('our client at a stream of go-sync-kit’s form', () => {
  it('catches up by pages, then follows, with events as they were', async () => {
    const hub = await hubOf(3)
    const pages = followed(hub, { count: 2, bytes: 1e6 })
    expect(ids(await pages.next())).toEqual(['e0', 'e1'])
    expect(ids(await pages.next())).toEqual(['e2'])
    const next = pages.next()
    await hub.log.append([eventAt(3)])
    const page = (await next).value as ChangePage<LogEvent>
    expect(page).toMatchObject({
      kind: 'page',
      orphans: 'adopt',
      changes: [{ id: 'e3', origin: null }],
    })
    // The cursor is one that a pull goes on from.
    const transport = transportTo(hub)
    await transport.hello({ origin: (await pushOf(await logOf('laptop'))).origin })
    await hub.log.append([eventAt(4)])
    const after = page.kind === 'page' ? page.cursor : start
    await transport.hello({ origin: (await pushOf(await logOf('laptop'))).origin })
    const rest = await transport.pull(after, { count: 10, bytes: 1e6 })
    expect(rest).toMatchObject({ kind: 'page', changes: [{ id: 'e4' }] })
  })

  it('begins with an empty page where there is nothing, and always sends a cursor', async () => {
    const hub = await hubOf()
    const asked: string[] = []
    const pages = followed(hub, { count: 10, bytes: 1e6 }, (url) => asked.push(url))
    expect((await pages.next()).value).toMatchObject({ kind: 'page', changes: [] })
    const next = pages.next()
    await hub.log.append([eventAt(0)])
    expect(ids(await next)).toEqual(['e0'])
    const url = new URL(asked.find((each) => each.includes('/sse')) ?? '')
    expect(url.searchParams.get('cursor')).toBe('{"kind":"integer","data":0}')
  })

  it('divides a large message into pages of what is wanted', async () => {
    const hub = await hubOf()
    const pages = followed(hub, { count: 2, bytes: 1e6 })
    await pages.next()
    const next = pages.next()
    await hub.log.append([0, 1, 2, 3, 4].map(eventAt))
    expect(ids(await next)).toEqual(['e0', 'e1'])
    expect(ids(await pages.next())).toEqual(['e2', 'e3'])
    expect(ids(await pages.next())).toEqual(['e4'])
  })
})

function transportTo(hub: Hub, onAsk: (url: string) => void = () => {}) {
  const fetch = (url: string | URL | Request, init?: RequestInit) => {
    onAsk(String(url))
    return hub.handler(new Request(url, init))
  }
  return httpTransport({ url: 'http://hub.test/sync', fetch, protocol: 'compat' })
}

function followed(hub: Hub, want: { count: number; bytes: number }, onAsk?: (url: string) => void) {
  const { signal } = new AbortController()
  const pages = transportTo(hub, onAsk).subscribe?.(start, want, signal)
  if (pages === undefined) throw new Error('it does not subscribe')
  return pages[Symbol.asyncIterator]()
}

function ids({ value }: IteratorResult<ChangePage<LogEvent>>): string[] {
  return value?.kind === 'page' ? value.changes.map(({ id }: LogEvent) => id) : []
}

function cursor(data: number): string {
  return encodeURIComponent(JSON.stringify({ kind: 'integer', data }))
}

/** The lines of the next message. */
function linesOf(response: Response): () => Promise<string[]> {
  const body = response.body?.getReader()
  return async () => {
    const { value } = (await body?.read()) ?? {}
    return new TextDecoder().decode(value).trimEnd().split('\n')
  }
}
