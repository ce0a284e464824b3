import { describe, expect, it } from 'vitest'
import type { EventId, NewEvent } from '../../../event/index.ts'
import { MemoryStore } from '../../../store/memory/index.ts'
import { goClientOf } from '../../fixtures/go-client.ts'
import { hubOf } from '../../fixtures/hub.ts'
import { idsIn, pushOf } from '../../fixtures/logs.ts'

describe('a pull by a Go client', () => {
  it('gets the events after a version, with strictly increasing ones', async () => {
    const hub = await hubOf(3)
    const go = goClientOf(hub)
    expect(await go.pulled()).toEqual(
      [0, 1, 2].map((at) => ({
        event: {
          id: `e${at}`,
          type: 'Counted',
          aggregate_id: `a${at}`,
          data: { at, grüße: '∑' },
          metadata: null,
        },
        version: String(at + 1),
      })),
    )
    expect((await go.pulled('?since=2')).map(({ version }) => version)).toEqual(['3'])
  })

  it.each([
    ['', ['1', '2', '3']],
    ['?since=', ['1', '2', '3']],
    ['?since=0', ['1', '2', '3']],
    ['?since=01', ['2', '3']],
    ['?since=%2B1', ['2', '3']],
    ['?since=-1', ['1', '2', '3']],
    ['?since=-9223372036854775808', ['1', '2', '3']],
    ['?since=3', []],
    ['?since=4', []],
    ['?since=9223372036854775807', []],
    ['?since=1&since=x&unknown=1', ['2', '3']],
    ['?limit=2', ['1', '2']],
    ['?since=1&limit=1', ['2']],
    ['?limit=1000', ['1', '2', '3']],
    ['?aggregate_id=a1', ['2']],
    ['?type=Counted&limit=1', ['1']],
    ['?type=Other', []],
    ['?tenant=t1', []],
  ])('%s: %j', async (query, versions) => {
    const entries = await goClientOf(await hubOf(3)).pulled(query)
    expect(entries.map(({ version }) => version)).toEqual(versions)
  })

  it.each([
    'since=+1',
    'since=1.0',
    'since=1e3',
    'since=0x1',
    'since=1_0',
    'since=9223372036854775808',
    'since=-9223372036854775809',
    'since={"A":1}',
    'since=x',
    'limit=0',
    'limit=1001',
    'limit=-1',
    'limit=x',
  ])('is refused for %s', async (query) => {
    const response = await (await hubOf(3)).ask(`pull?${query}`)
    expect(response.status).toBe(400)
    const prefix = query.startsWith('since') ? "invalid 'since' version: " : "invalid 'limit'"
    expect(await response.json()).toEqual({ error: expect.stringContaining(prefix) })
  })

  it('gets an empty list from an empty log', async () => {
    const hub = await hubOf()
    expect(await (await hub.ask('pull')).text()).toBe('[]')
  })

  it('chooses by tenant, and the header counts before the query', async () => {
    const hub = await hubOf()
    await goClientOf(hub).push([
      { id: 'e1', metadata: { tenant: 'x' } },
      { id: 'e2', metadata: { tenant: 'y' } },
      { id: 'e3' },
    ])
    const ids = async (query: string, tenant?: string) => {
      const response = await hub.ask(`pull${query}`, {
        headers: tenant === undefined ? {} : { 'x-synckit-tenant': tenant },
      })
      return ((await response.json()) as { event: { id: string } }[]).map(({ event }) => event.id)
    }
    expect(await ids('?tenant=x')).toEqual(['e1'])
    expect(await ids('?tenant=x', 'y')).toEqual(['e2'])
    expect(await ids('')).toEqual(['e1', 'e2', 'e3'])
  })

  it('never gets a page beyond 8 MiB, and the rest with its next pulls (L3)', async () => {
    const hub = await hubOf()
    // Each character takes three bytes, and no log may hold larger events by default.
    const large: NewEvent[] = Array.from({ length: 30 }, (_, at) => ({
      id: `e${at}`,
      type: 'T',
      aggregateId: 'a',
      data: '∑'.repeat(340_000),
    }))
    for (const event of large) await hub.log.append([event])
    const seen: string[] = []
    for (let since = '0', pages = 0; ; pages++) {
      const response = await hub.ask(`pull?since=${since}`)
      const text = await response.text()
      expect(new TextEncoder().encode(text).byteLength).toBeLessThan(8 * 1024 * 1024)
      const entries = JSON.parse(text) as { event: { id: string }; version: string }[]
      if (entries.length === 0) {
        expect(pages).toBe(4)
        break
      }
      seen.push(...entries.map(({ event }) => event.id))
      since = entries.at(-1)?.version as string
    }
    expect(seen).toEqual(large.map(({ id }) => id))
  })

  it('never gets what would make it fail: stubs, and numbers that Go can not read', async () => {
    const hub = await hubOf()
    await hub.log.append([
      { id: 'huge', type: 'T', aggregateId: 'a', dataText: '{"n":1e400}' },
      { id: 'fine', type: 'T', aggregateId: 'a', dataText: '{"n":1e300}' },
    ])
    const laptop = await MemoryStore.open({ node: 'laptop' })
    await laptop.append([{ id: 'stub', type: 'T', aggregateId: 'b', data: 7 }])
    const { changes, origin } = await pushOf(laptop)
    const [whole] = changes
    const stub = Object.assign(Object.create(Object.getPrototypeOf(whole)), whole, {
      type: '',
      dataText: '',
      stub: 'withheld',
    })
    await hub.log.apply({ via: origin, role: 'pushed', changes: [stub] })
    const go = goClientOf(hub)
    expect((await go.pulled()).map(({ event }) => event.id)).toEqual(['fine'])
    expect(await go.latest()).toBe('3')
    await hub.log.apply({ via: origin, role: 'pushed', changes })
    const [, filled] = await go.pulled()
    expect(filled).toMatchObject({ event: { id: 'stub', data: 7 }, version: '4' })
    expect((await go.pulled('?since=3')).map(({ event }) => event.id)).toEqual(['stub'])
  })

  it('never meets an event again whose header comes late: that one keeps its version', async () => {
    const hub = await hubOf()
    const laptop = await MemoryStore.open({ node: 'laptop' })
    await laptop.append([
      { id: 'one', type: 'T', aggregateId: 'b', data: 7, metadata: { tenant: 'x' } },
      { id: 'two', type: 'T', aggregateId: 'b', data: 8 },
    ])
    const { changes, origin } = await pushOf(laptop)
    const go = goClientOf(hub)
    await go.push([
      { id: 'e1' },
      { id: 'one', type: 'T', aggregate_id: 'b', data: 7, metadata: { tenant: 'x' } },
      { id: 'e2' },
    ])
    const before = await go.pulled()
    await hub.log.apply({ via: origin, role: 'pushed', changes })
    expect(await idsIn(hub.log)).toEqual(['e1', 'e2', 'one', 'two'])
    const [, one] = await go.pulled()
    expect(one).toEqual(before[1])
    expect((await go.pulled()).map(({ event }) => event.id)).toEqual(['e1', 'one', 'e2', 'two'])
    for (const [query, ids] of [
      ['?since=1', ['one', 'e2', 'two']],
      ['?since=2', ['e2', 'two']],
      ['?since=3', ['two']],
      ['?since=3&limit=1', ['two']],
      ['?aggregate_id=b', ['one', 'two']],
      ['?tenant=x', ['one']],
      ['?tenant=x&since=2', []],
    ] as const)
      expect((await go.pulled(query)).map(({ event }) => event.id)).toEqual(ids)
    const page = (await (await go.cursor('{"limit":2}')).json()) as {
      next: unknown
      events: object[]
    }
    expect(page.events).toEqual(before.slice(0, 2))
    const rest = await (await go.cursor(JSON.stringify({ since: page.next }))).json()
    expect(rest).toMatchObject({ events: [{ event: { id: 'e2' } }, { event: { id: 'two' } }] })
    await hub.log.erase([changes[0]?.id as EventId])
    expect((await go.pulled()).map(({ event }) => event.id)).toEqual(['e1', 'e2', 'two'])
  })

  it('finds an event however many others lie before it', async () => {
    const hub = await hubOf()
    const many = Array.from({ length: 2500 }, (_, at) => ({ id: `e${at}`, aggregate_id: `a${at}` }))
    await goClientOf(hub).push([...many, { id: 'last', type: 'Rare' }])
    const go = goClientOf(hub)
    expect((await go.pulled('?type=Rare&limit=1')).map(({ version }) => version)).toEqual(['2501'])
    expect(await go.pulled()).toHaveLength(2501)
    expect(await idsIn(hub.log)).toHaveLength(2501)
  })
})

describe('the latest version', () => {
  it('is a JSON string, and "0" when there is nothing', async () => {
    const hub = await hubOf()
    const response = await hub.ask('latest-version')
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await response.text()).toBe('"0"')
    await goClientOf(hub).push([{ id: 'e1' }, { id: 'e2' }])
    expect(await (await hub.ask('latest-version')).text()).toBe('"2"')
  })

  it('of an empty log is "-1" where that is wanted', async () => {
    const hub = await hubOf(0, { compat: { emptyVersion: '-1' } })
    expect(await goClientOf(hub).latest()).toBe('-1')
    await goClientOf(hub).push([{ id: 'e1' }])
    expect(await goClientOf(hub).latest()).toBe('1')
  })
})

describe('versions in a form of their own', () => {
  const versions = {
    parse: (version: string) =>
      /^v\d{1,18}$/.test(version) ? BigInt(version.slice(1)) : undefined,
    format: (position: bigint) => `v${position}`,
  }

  it('are used in every answer and understood in every question', async () => {
    const go = goClientOf(await hubOf(2, { compat: { versions } }))
    expect(await go.latest()).toBe('v2')
    expect((await go.pulled('?since=v1')).map(({ version }) => version)).toEqual(['v2'])
    expect((await go.pulled()).map(({ version }) => version)).toEqual(['v1', 'v2'])
    await expect(go.pulled('?since=1')).rejects.toThrow("invalid 'since' version")
    const event = '{"id":"x","type":"T","aggregate_id":"a"}'
    expect((await go.push(`[{"event":${event},"version":"v9"}]`)).status).toBe(200)
    expect((await go.push(`[{"event":${event},"version":"9"}]`)).status).toBe(400)
  })

  it('are checked when the handler is made', async () => {
    await expect(hubOf(0, { compat: { emptyVersion: '-2' as '-1' } })).rejects.toThrow(
      'compat.emptyVersion must be "0" or "-1", not "-2"',
    )
    await expect(
      hubOf(0, { compat: { versions: { ...versions, parse: 5 } as never } }),
    ).rejects.toThrow('compat.versions.parse')
  })
})
