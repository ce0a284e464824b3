import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { property } from '../../../../test/property.ts'
import { RejoinError } from '../../../errors/index.ts'
import { goJson } from '../../../json/index.ts'
import { MemoryStore } from '../../../store/memory/index.ts'
import { SqliteStore } from '../../../store/sqlite/index.ts'
import { bodyOf, type GoClient, type GoEvent, goClientOf } from '../../fixtures/go-client.ts'
import { hubOf } from '../../fixtures/hub.ts'
import { idsIn, pushOf } from '../../fixtures/logs.ts'
import { logHandler } from '../handler.ts'
import { encodeForGo } from './write-event.ts'

const order: GoEvent = {
  id: 'e1',
  type: 'Ordered',
  aggregate_id: 'o-1',
  data: { n: 1, name: '<Ann>' },
}

describe('a push from a Go client', () => {
  it('stores events without causality, and says ok', async () => {
    const hub = await hubOf()
    const response = await goClientOf(hub).push([order, { id: 'e2', metadata: { timestamp: 5 } }])
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json')
    expect(await response.text()).toBe('{"status":"ok"}')
    const { entries } = await hub.log.entries()
    expect(entries.map(({ event }) => event)).toMatchObject([
      { id: 'e1', origin: null, parents: [], stamp: 0n, dataText: '{"n":1,"name":"<Ann>"}' },
      { id: 'e2', origin: null, stamp: 5_000_000_000n, metadataText: '{"timestamp":5}' },
    ])
    expect(await hub.log.heads('o-1')).toEqual([])
  })

  it.each(['null', '[]', 'null garbage', '[]]', `${bodyOf([])}{"a":`])(
    'may be empty: %s',
    async (body) => {
      const hub = await hubOf()
      expect((await goClientOf(hub).push(body)).status).toBe(200)
      expect(await idsIn(hub.log)).toEqual([])
    },
  )

  it('keeps every digit and every key where they were', async () => {
    const hub = await hubOf()
    const data = '{"z":12345678901234567890,"a":1.50,"z2":"\\u003c"}'
    await goClientOf(hub).push(
      `[{"event":{"id":"e1","type":"T","aggregate_id":"a","data":${data}},"version":"1"}]`,
    )
    expect((await hub.log.entries()).entries[0]?.event.dataText).toBe(data)
    expect(await (await hub.ask('pull')).text()).toContain(`"data":${data},"metadata":null`)
  })

  it('ignores versions, as long as they are some', async () => {
    const hub = await hubOf()
    const entry = (id: string, version: string) =>
      `{"event":{"id":"${id}","type":"T","aggregate_id":"a"},"version":${version}}`
    const body = `[${['"9"', '"0"', '"-1"', '""', 'null', '"007"'].map((v, at) => entry(`e${at}`, v))}]`
    expect((await goClientOf(hub).push(body)).status).toBe(200)
    expect((await goClientOf(hub).pulled()).map(({ version }) => version)).toEqual([
      '1',
      '2',
      '3',
      '4',
      '5',
      '6',
    ])
  })

  it.each([
    ['a missing id', '{"event":{"type":"T","aggregate_id":"a"}}', 'id is missing'],
    ['nothing at all', '{}', 'id is missing'],
    ['a missing type', '{"event":{"id":"x","aggregate_id":"a"}}', 'type is missing'],
    ['a missing aggregate', '{"event":{"id":"x","type":"T"}}', 'aggregate_id is missing'],
    ['a number for an id', '{"event":{"id":5}}', 'id must be a string'],
    ['a number for a version', entry({ version: '7' }), 'version must be a string'],
    ['a vector for a version', entry({ version: '"{}"' }), 'version is not a version'],
    [
      'a version beyond int64',
      entry({ version: '"9223372036854775808"' }),
      'version is not a version',
    ],
    ['a fraction for a version', entry({ version: '"1.0"' }), 'version is not a version'],
    ['a malformed header', entry({ metadata: '{"_rejoin":{}}' }), 'metadata._rejoin is malformed'],
    ['an id that is too long', entry({ id: 'x'.repeat(256) }), 'id has 256 bytes'],
  ])('is refused whole for %s, by its place (X1)', async (_name, bad, problem) => {
    const hub = await hubOf()
    const response = await goClientOf(hub).push(`[${entry({ id: 'good' })},${bad}]`)
    expect(response.status).toBe(400)
    const { error } = await response.json()
    expect(error).toContain(`event 1: ${problem}`)
    expect(await idsIn(hub.log)).toEqual([])
  })

  it.each(['', ' ', '{', '{"a":1}', '[{"event":}]', '7', '"[]"', '[1,', '\ufffd'])(
    'is refused when its body is %j',
    async (body) => {
      const response = await goClientOf(await hubOf()).push(body)
      expect(response.status).toBe(400)
      expect(await response.json()).toEqual({ error: expect.stringMatching(/./) })
    },
  )

  it('is refused for what no UTF-8 is', async () => {
    expect((await goClientOf(await hubOf()).push(Uint8Array.of(0x5b, 0xff, 0x5d))).status).toBe(400)
  })

  it('may be repeated, also after Go has written it again (S3)', async () => {
    const hub = await hubOf()
    const go = goClientOf(hub)
    const data = '{"z":12345678901234567890,"a":"<&>","zero":-0,"lone":"\\ud800"}'
    const push = (text: string) => go.push(entryBody({ data: text, metadata: '{"b":1.0,"a":2}' }))
    expect((await push(data)).status).toBe(200)
    expect((await push(data)).status).toBe(200)
    expect((await push(goJson(data) as string)).status).toBe(200)
    expect((await push((goJson(data) as string).replace('-0', '0'))).status).toBe(200)
    expect(await idsIn(hub.log)).toEqual(['e'])
    expect((await hub.log.entries()).entries[0]?.event.dataText).toBe(data)
  })

  it.each([
    ['type', { ...order, type: 'Other' }],
    ['aggregate', { ...order, aggregate_id: 'o-2' }],
    ['data', { ...order, data: { n: 2, name: '<Ann>' } }],
    ['metadata', { ...order, metadata: { by: 'x' } }],
  ])('is refused whole when a known id comes with another %s (L2)', async (_what, other) => {
    const hub = await hubOf()
    const go = goClientOf(hub)
    await go.push([order])
    const response = await go.push([{ id: 'new' }, other])
    expect(response.status).toBe(409)
    expect((await response.json()).error).toBe('event 1: "e1" is known with other content')
    expect(await idsIn(hub.log)).toEqual(['e1'])
    const twice = await go.push([{ id: 'new' }, { ...order, id: 'f' }, { ...other, id: 'f' }])
    expect(twice.status).toBe(409)
    expect(await idsIn(hub.log)).toEqual(['e1'])
  })

  it('may say the same twice in one body', async () => {
    const hub = await hubOf()
    expect((await goClientOf(hub).push([order, order])).status).toBe(200)
    expect(await idsIn(hub.log)).toEqual(['e1'])
  })

  it('counts as stored what the log knows but no longer holds', async () => {
    const hub = await hubOf()
    const laptop = await MemoryStore.open({ node: 'laptop' })
    await laptop.append([{ id: 'e1', type: 'Ordered', aggregateId: 'o-1', data: 5 }])
    const { changes, origin } = await pushOf(laptop)
    const stubs = changes.map((event) =>
      Object.assign(Object.create(Object.getPrototypeOf(event)), event, {
        type: '',
        dataText: '',
        metadataText: '',
        stub: 'withheld',
      }),
    )
    await hub.log.apply({ via: origin, role: 'pushed', changes: stubs })
    expect((await goClientOf(hub).push([order])).status).toBe(200)
    expect((await hub.log.entries()).entries).toMatchObject([{ event: { stub: 'withheld' } }])
    expect(await goClientOf(hub).pulled()).toEqual([])
  })

  it('may hold more than one commit takes', async () => {
    const hub = await hubOf(0, { limits: { count: 7 } })
    const many = Array.from({ length: 100 }, (_, at) => ({ id: `e${at}` }))
    expect((await goClientOf(hub).push(many)).status).toBe(200)
    expect(await idsIn(hub.log)).toEqual(many.map(({ id }) => id))
  })

  it('does not need an Idempotency-Key, and does not mind one', async () => {
    const hub = await hubOf()
    const headers = { 'idempotency-key': 'k' }
    for (const id of ['a', 'b'])
      expect((await goClientOf(hub).push([{ id }], headers)).status).toBe(200)
    expect(await idsIn(hub.log)).toEqual(['a', 'b'])
  })

  it('is told to come back when storage is in trouble', async () => {
    const log = await MemoryStore.open({ node: 'hub' })
    const full = new RejoinError('storage_full', '/secret/path is full', {
      operation: 'x',
      component: 'y',
    })
    const broken = {
      identity: () => log.identity(),
      entries: () => log.entries(),
      fetch: () => log.fetch([]),
      apply: () => Promise.reject(full),
    } as unknown as MemoryStore
    const handler = logHandler(broken)
    const ask = (path: string, init?: RequestInit) =>
      handler(new Request(`http://h/sync/${path}`, init))
    const response = await goClientOf({ ask }).push([order])
    expect(response.status).toBe(503)
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await response.json()).toEqual({ error: 'the server has no space left' })
  })
})

describe('what one Go client pushes', () => {
  it('is what another pulls, on every store', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'rejoin-compat-'))
    const store = await SqliteStore.open({ path: join(folder, 'hub.db') })
    const handler = logHandler(store)
    const ask = (path: string, init?: RequestInit) =>
      handler(new Request(`http://hub.test/sync/${path}`, init))
    try {
      for (const go of [goClientOf(await hubOf()), goClientOf({ ask })]) await expectRoundTrip(go)
    } finally {
      await store.close()
      rmSync(folder, { recursive: true })
    }
  })
})

async function expectRoundTrip(go: GoClient): Promise<void> {
  const name = fc.string({ minLength: 1, maxLength: 20 })
  const metadata = fc.option(fc.dictionary(name, fc.jsonValue(), { minKeys: 1, maxKeys: 3 }))
  const event = fc.record({ type: name, aggregate_id: name, data: fc.jsonValue(), metadata })
  let since = '0'
  let pushed = 0
  await property(fc.array(event, { minLength: 1, maxLength: 20 }), async (events) => {
    const named = events.map((each) => ({ id: `e${pushed++}`, ...each }))
    expect((await go.push(named)).status).toBe(200)
    const entries = await go.pulled(`?since=${since}`)
    expect(entries.map((entry) => entry.event)).toEqual(JSON.parse(JSON.stringify(named)))
    const versions = [BigInt(since), ...entries.map(({ version }) => BigInt(version))]
    versions.slice(1).forEach((version, at) => {
      expect(version).toBeGreaterThan(versions[at] as bigint)
    })
    since = String(versions.at(-1))
  })
}

describe('an event of ours that a Go client brings', () => {
  it('is the very event again, with its causality (S1)', async () => {
    const laptop = await MemoryStore.open({ node: 'laptop' })
    await laptop.append([{ id: 'e1', type: 'T', aggregateId: 'a', dataText: '{"z":1.50,"a":2}' }])
    await laptop.append([{ id: 'e2', type: 'T', aggregateId: 'a', metadata: { by: 'x' } }])
    const { changes } = await pushOf(laptop)
    const hub = await hubOf()
    const body = goJson(`[${changes.map((event) => encodeForGo(event, '1'))}]`) as string
    expect((await goClientOf(hub).push(body)).status).toBe(200)
    expect((await pushOf(hub.log)).changes).toEqual(changes)
    expect(await (await hub.ask('pull')).text()).not.toContain('_rejoin')
    expect((await goClientOf(hub).pulled()).map(({ event }) => event.metadata)).toEqual([
      null,
      { by: 'x' },
    ])
  })

  it('is taken as one without causality while its parents are unknown', async () => {
    const laptop = await MemoryStore.open({ node: 'laptop' })
    await laptop.append([{ id: 'e1', type: 'T', aggregateId: 'a' }])
    await laptop.append([{ id: 'e2', type: 'T', aggregateId: 'a' }])
    const { changes } = await pushOf(laptop)
    const hub = await hubOf()
    const body = `[${changes.slice(1).map((event) => encodeForGo(event, '1'))}]`
    expect((await goClientOf(hub).push(body)).status).toBe(200)
    expect((await pushOf(hub.log)).changes).toMatchObject([{ id: 'e2', origin: null, parents: [] }])
    const rest = `[${changes.slice(0, 1).map((event) => encodeForGo(event, '1'))}]`
    expect((await goClientOf(hub).push(rest)).status).toBe(200)
    const now = await hub.log.fetch(changes.map(({ id }) => id))
    expect(now.toSorted((one, other) => (one.id < other.id ? -1 : 1))).toEqual(changes)
    expect(await hub.log.heads('a')).toEqual(['e2'])
  })

  it('is refused when a parent belongs to another aggregate', async () => {
    const laptop = await MemoryStore.open({ node: 'laptop' })
    await laptop.append([{ id: 'e1', type: 'T', aggregateId: 'a' }])
    await laptop.append([{ id: 'e2', type: 'T', aggregateId: 'a' }])
    const { changes } = await pushOf(laptop)
    const hub = await hubOf()
    const go = goClientOf(hub)
    await go.push([{ id: 'e1', aggregate_id: 'elsewhere' }])
    const response = await go.push(`[${changes.slice(1).map((event) => encodeForGo(event, '1'))}]`)
    expect(response.status).toBe(400)
    expect((await response.json()).error).toBe('event 0: a parent belongs to another aggregate')
    expect(await idsIn(hub.log)).toEqual(['e1'])
  })
})

describe('X1: whatever a Go client sends', () => {
  it('is stored whole or refused whole', async () => {
    const part = fc.constantFrom(
      '[',
      ']',
      '{',
      '}',
      ',',
      ':',
      '"event"',
      '"id"',
      '"e"',
      '"type"',
      '"aggregate_id"',
      '"data"',
      '"metadata"',
      '"version"',
      '"_rejoin"',
      'null',
      '1',
      '1e400',
      '"\\ud800"',
      ' ',
      '\\',
    )
    const hub = await hubOf()
    await property(
      fc.array(part, { maxLength: 30 }),
      async (parts) => {
        const before = await hub.log.identity()
        const response = await goClientOf(hub).push(parts.join(''))
        expect([200, 400]).toContain(response.status)
        if (response.status === 400) expect(await hub.log.identity()).toEqual(before)
      },
      500,
    )
  })
})

function entry({ id = 'e', version = '"1"', metadata = 'null', data = 'null' }): string {
  return `{"event":{"id":"${id}","type":"T","aggregate_id":"a","data":${data},"metadata":${metadata}},"version":${version}}`
}

function entryBody(of: { data: string; metadata: string }): string {
  return `[${entry(of)}]`
}
