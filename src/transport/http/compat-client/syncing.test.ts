import { describe, expect, it } from 'vitest'
import {
  eventsOf,
  expectSame,
  idsOf,
  type Machine,
  machine,
  type SyncSetup,
  sync,
  write,
} from '../../../../test/fleet.ts'
import type { Transport } from '../../../contracts/index.ts'
import type { EventId, LogEvent, Origin } from '../../../event/index.ts'
import { type LinkResult, syncOnce } from '../../../link/index.ts'
import { type GoBehaviour, type GoServerFixture, goServer } from '../../fixtures/go-server.ts'
import { type HttpTransportOptions, httpTransport } from '../client.ts'

const kinds: readonly (readonly [string, () => GoBehaviour])[] = [
  ['v0.16', () => ({})],
  ['a later version', () => ({ later: true })],
  ['one without a pull-cursor', () => ({ cursorRoute: false })],
  ['a later one without', () => ({ later: true, cursorRoute: false })],
  ['one that drops every third event at first', () => ({ drops: every(3) })],
  ['one with versions like v12', () => ({ cursorRoute: false, versions: prefixed() })],
]

describe.each(kinds)('two laptops through a Go server: %s', (_name, kind) => {
  it('S1: end with the same events, heads and parents, byte for byte', async () => {
    const behaviour = kind()
    const go = goServer(behaviour)
    const [one, other] = await laptops()
    await write(one, 'shared', 'a1', 'a2')
    await write(other, 'shared', 'b1')
    await settle(go, behaviour, one, other)
    await write(one, 'shared', 'a3')
    await write(other, 'shared', 'b2')
    await exact(other)
    await settle(go, behaviour, one, other)
    await expectSame(one, other)
    expect((await idsOf(one)).length).toBe(9)
    expect(await one.store.heads('shared')).toHaveLength(2)
    expect([...new Set(go.ids)].toSorted()).toEqual((await idsOf(one)).toSorted())
  })

  it('S2: a thousand events go each way', async () => {
    const behaviour = kind()
    const go = goServer(behaviour)
    const [one, other] = await laptops()
    for (const [laptop, name] of [
      [one, 'x'],
      [other, 'y'],
    ] as const)
      await laptop.store.append(
        Array.from({ length: 1_000 }, (_, at) => ({
          id: `${name}${at}`,
          type: 'noted',
          aggregateId: `${name}${at % 10}`,
          data: { at },
        })),
      )
    await settle(go, behaviour, one, other)
    await expectSame(one, other)
    expect((await idsOf(one)).length).toBe(2_000)
  }, 60_000)

  it('takes plain events of Go clients in as events without causality', async () => {
    const behaviour = kind()
    const go = goServer(behaviour)
    const [one, other] = await laptops()
    await go.push({ id: 'g1', type: 'T', aggregate_id: 'shared', data: { n: 1 } })
    await write(one, 'shared', 'a1')
    await settle(go, behaviour, one, other)
    await expectSame(one, other)
    const plain = (await eventsOf(one)).find((event) => event.id === 'g1')
    expect(plain).toMatchObject({ origin: null, parents: [], data: { n: 1 } })
  })
})

describe('a Go server that was wiped or restored', () => {
  it('S4: gets back what it lost, though it has come as far again meanwhile', async () => {
    const go = goServer()
    const [one, other] = await laptops()
    const there = { one: reaching(go), other: reaching(go) }
    await write(one, 'a', 'a1', 'a2')
    await via(there.one, one)
    await via(there.other, other)
    go.restore()
    await go.push(plain('g1'), plain('g2'), plain('g3'))
    await via(there.one, one)
    await via(there.other, other)
    await expectSame(one, other)
    expect(new Set(go.ids)).toEqual(new Set(['g1', 'g2', 'g3', 'a1', 'a2']))
  })

  it('S4: also when it is only pushed to, and by a new process', async () => {
    const go = goServer()
    const laptop = await machine('laptop')
    await write(laptop, 'a', 'a1')
    await via(reaching(go), laptop)
    await write(laptop, 'a', 'a2')
    await via(reaching(go), laptop)
    const backup = go.backup()
    await write(laptop, 'a', 'a3')
    await via(reaching(go), laptop)
    go.restore(backup)
    await via(reaching(go), laptop, { directions: { push: true, pull: false } })
    expect(go.ids).toEqual(['a1', 'a2', 'a3'])
    // And noticed once: the link goes on from there.
    go.requests.length = 0
    await via(reaching(go), laptop)
    expect(go.requests).not.toContain('/push')
  })
})

describe('a push that a Go server says yes to', () => {
  it('S3: and loses is sent again at once', async () => {
    const go = goServer({ drops: (_, push) => push === 1 })
    const laptop = await machine('laptop')
    await write(laptop, 'a', 'a1', 'a2')
    const { errors, pushed } = await via(reaching(go), laptop)
    expect([errors, pushed]).toEqual([[], 2])
    expect(go.ids).toEqual(['a1', 'a2'])
  })

  it('and drops for good is never reported as synced, stays, and goes when it is taken', async () => {
    const go = goServer({ drops: (id) => id === 'a1' })
    const laptop = await machine('laptop')
    await write(laptop, 'a', 'a1')
    await write(laptop, 'b', 'b1')
    for (const transport of [reaching(go), reaching(go)]) {
      const { errors } = await tryVia(transport, laptop)
      expect(errors).toMatchObject([{ code: 'rejected', retryable: true }])
      expect(errors[0]?.message).toMatch(/a1: the Go server said yes, and does not have it/)
      expect(await parkedOf(laptop)).toMatchObject([{ id: 'a1', reason: 'unconfirmed' }])
    }
    expect(go.ids).toEqual(['b1'])
    go.behave({})
    expect((await via(reaching(go), laptop)).errors).toEqual([])
    expect(go.ids).toEqual(['b1', 'a1'])
    expect(await parkedOf(laptop)).toEqual([])
  })

  it('and garbles is never reported as synced, and damages no other laptop', async () => {
    const go = goServer({ garbles: true })
    const [one, other] = await laptops()
    await write(one, 'a', 'a1')
    // Its exact text travels along, so that only what Go's readers see is wrong.
    await one.store.append([{ id: 'b1', type: 'T', aggregateId: 'b', dataText: '{"b":1,"a":2.0}' }])
    const there = reaching(go)
    for (let round = 0; round < 3; round++) {
      const { errors, pushed } = await tryVia(there, one)
      expect(errors).toMatchObject([{ code: 'rejected' }])
      expect(pushed).toBe(0)
      expect((await parkedOf(one)).map(({ id }) => id).toSorted()).toEqual(['a1', 'b1'])
    }
    const { errors } = await tryVia(reaching(go), other)
    expect(errors).toMatchObject([{ code: 'rejected' }])
    expect(await idsOf(other)).toEqual([])
  })

  it('S3: and is cut off before it is read back repeats and converges', async () => {
    for (const route of ['/push', '/pull-cursor']) {
      const go = goServer()
      const [one, other] = await laptops()
      await write(one, 'a', 'a1', 'a2')
      await via(reaching(go), one, { directions: { push: false, pull: true } })
      const crash = new AbortController()
      go.behave({
        meanwhile: async (asked) => {
          // Stored, and never heard of again: the answer to what follows does not come.
          if (asked === route && go.ids.length > 0) crash.abort(new Error('killed'))
        },
      })
      if (route === '/push') await pushAndDie(go, one)
      else {
        const dying = tryVia(reaching(go), one, { signal: crash.signal })
        await expect(dying).rejects.toThrow('killed')
      }
      go.behave({})
      // What another reads first brings the cursor past what is not confirmed.
      await via(reaching(go), one, { directions: { push: false, pull: true } })
      const { errors, pushed } = await via(reaching(go), one)
      expect([errors, pushed]).toEqual([[], 0])
      await via(reaching(go), other)
      await expectSame(one, other)
      expect(go.ids).toEqual(['a1', 'a2'])
    }
  })

  it('L2: and holds under that id with other content is an id conflict', async () => {
    const go = goServer()
    await go.push({ ...plain('a1'), data: 'theirs' })
    const laptop = await machine('laptop')
    await write(laptop, 'a', 'a1')
    const { errors } = await tryVia(reaching(go), laptop)
    expect(errors).toMatchObject([{ code: 'rejected', retryable: false }])
    expect(await parkedOf(laptop)).toMatchObject([{ id: 'a1', reason: 'id_conflict' }])
  })

  it('L2: and comes back without its header, its digits rounded, is the event that is here', async () => {
    const go = goServer()
    const laptop = await machine('laptop')
    const dataText = '{"n":12345678901234567890}'
    await laptop.store.append([{ id: 'a1', type: 'T', aggregateId: 'a', dataText }])
    // As somebody's Go program has read it at a hub of ours.
    const rounded = { id: 'a1', type: 'T', aggregate_id: 'a', data: { n: 12345678901234567000 } }
    await go.push(rounded, { ...rounded, id: 'g1' })
    await via(reaching(go), laptop, { directions: { push: false, pull: true } })
    expect(await parkedOf(laptop)).toEqual([])
    expect((await eventsOf(laptop)).map((event) => [event.id, event.dataText])).toEqual([
      ['a1', dataText],
      ['g1', '{"n":12345678901234567000}'],
    ])
    await go.push({ ...rounded, id: 'a2' })
    await laptop.store.append([{ id: 'a2', type: 'T', aggregateId: 'a', data: { n: 1 } }])
    await tryVia(reaching(go), laptop, { directions: { push: false, pull: true } })
    expect(await parkedOf(laptop)).toMatchObject([{ id: 'a2', reason: 'id_conflict' }])
  })

  it('is known there already is done, though nothing is stored', async () => {
    const go = goServer()
    const [one, other] = await laptops()
    await write(one, 'a', 'a1', 'a2')
    await via(reaching(go), one)
    await sync(one, other)
    expect(await via(reaching(go), other)).toMatchObject({ errors: [], pushed: 0 })
    expect(go.ids).toEqual(['a1', 'a2'])
  })

  it('leaves stubs out, which have no content', async () => {
    const go = goServer()
    const [one, other] = await laptops()
    await write(one, 'a', 'a1')
    const [event] = (await eventsOf(one)) as [LogEvent]
    const stub = { ...event, type: '', metadataText: '', dataText: '', stub: 'withheld' as const }
    const { LogEvent: Event } = await import('../../../event/index.ts')
    const changes = [new Event(stub)]
    await other.store.apply({ via: 'x~0123456789abcdef' as Origin, role: 'pulled', changes })
    expect((await via(reaching(go), other)).errors).toEqual([])
    expect(go.ids).toEqual([])
  })

  it('is split where it is too much for one request, and refused alone', async () => {
    const go = goServer()
    const laptop = await machine('laptop')
    const text = 'x'.repeat(60_000)
    for (let at = 0; at < 5; at++)
      await laptop.store.append([{ id: `e${at}`, type: 'T', aggregateId: 'a', data: text }])
    const limits = { bodyBytes: 150_000 }
    let largest = 0
    const fetch: typeof go.fetch = (input, init) => {
      largest = Math.max(largest, (init?.body as Uint8Array | undefined)?.byteLength ?? 0)
      return go.fetch(input, init)
    }
    expect((await via(reaching(go, { limits, fetch, compress: false }), laptop)).pushed).toBe(5)
    expect(largest).toBeGreaterThan(120_000)
    expect(largest).toBeLessThanOrEqual(150_000)
    await laptop.store.append([{ id: 'big', type: 'T', aggregateId: 'b', data: text.repeat(3) }])
    const { errors } = await tryVia(reaching(go, { limits }), laptop)
    expect(errors[0]?.message).toMatch(/big: it takes \d+ bytes, and a push at most 150000/)
  })
})

describe('events that come through a Go server', () => {
  it('S1: keep digits, key order and characters that Go changes', async () => {
    const go = goServer()
    const [one, other] = await laptops()
    await exact(one)
    await via(reaching(go), one)
    await via(reaching(go), other)
    await expectSame(one, other)
    expect(go.rows()).toContain('12345678901234567000')
    expect(go.rows()).toContain('\\u003c')
  })

  it('S1: take their headers on when a parent that was lost comes later', async () => {
    const go = goServer({ drops: (id) => id === 'a1' })
    const [one, other] = await laptops()
    await write(one, 'a', 'a1', 'a2', 'a3')
    await tryVia(reaching(go), one)
    const there = reaching(go)
    await via(there, other)
    expect(await other.store.heads('a')).toEqual(['a3'])
    expect((await eventsOf(other)).find(({ id }) => id === 'a2')?.origin).toBeNull()
    go.behave({})
    await via(reaching(go), one)
    await via(there, other)
    await expectSame(one, other)
    expect(go.ids).toEqual(['a2', 'a3', 'a1'])
  })

  it('S4: show a laptop that was restored from a backup what it had lost', async () => {
    const go = goServer()
    const laptop = await machine('laptop')
    await write(laptop, 'a', 'a1')
    await via(reaching(go), laptop)
    const backup = [...laptop.records]
    await write(laptop, 'a', 'a2', 'a3')
    await via(reaching(go), laptop)
    const restored = await machine('laptop', backup)
    const before = (await restored.store.identity()).origin
    await via(reaching(go), restored)
    await expectSame(laptop, restored)
    expect((await restored.store.identity()).origin).not.toBe(before)
  })

  it('that can not be read don’t keep the others back, and are shown', async () => {
    const go = goServer()
    const laptop = await machine('laptop')
    await go.push(plain('g1'), { ...plain('g2'), type: '' }, {}, plain('g3'))
    const { errors, pulled } = await tryVia(reaching(go), laptop)
    expect(pulled).toBe(2)
    expect(errors).toMatchObject([{ code: 'rejected' }])
    expect(errors[0]?.message).toMatch(/g2: can't be read: type is missing/)
    expect(errors[0]?.message).toMatch(/version 3: can't be read: id is missing/)
    expect(await idsOf(laptop)).toEqual(['g1', 'g3'])
    const again = await tryVia(reaching(go), laptop)
    expect([again.pulled, again.errors.length]).toEqual([0, 1])
  })

  it('are asked for in smaller pages where a large answer is refused', async () => {
    const go = goServer()
    const [one, other] = await laptops()
    for (let at = 0; at < 60; at++)
      await one.store.append([
        { id: `e${at}`, type: 'T', aggregateId: 'a', data: 'x'.repeat(10_000) },
      ])
    await via(reaching(go), one)
    const limits = { bodyBytes: 200_000, unpackedBytes: 200_000 }
    expect((await via(reaching(go, { limits }), other)).pulled).toBe(60)
    await expectSame(one, other)
  })
})

function laptops(): Promise<[Machine, Machine]> {
  return Promise.all([machine('one'), machine('other')])
}

function reaching(
  go: GoServerFixture,
  options: Partial<HttpTransportOptions> = {},
): Transport<LogEvent> {
  return httpTransport({ url: go.url, fetch: go.fetch, ...options })
}

function tryVia(
  transport: Transport<LogEvent>,
  { store }: Machine,
  { signal, ...setup }: SyncSetup = {},
): Promise<LinkResult> {
  return syncOnce({ ...setup, replica: store, transport }, signal)
}

async function via(
  transport: Transport<LogEvent>,
  laptop: Machine,
  setup: SyncSetup = {},
): Promise<LinkResult> {
  const result = await tryVia(transport, laptop, setup)
  expect(result.errors).toEqual([])
  return result
}

/** Both sync until neither has anything new. */
async function settle(
  go: GoServerFixture,
  { versions }: GoBehaviour,
  ...fleet: readonly Machine[]
): Promise<void> {
  for (let round = 0; round < 3; round++)
    for (const laptop of fleet) await via(reaching(go, versions ? { versions } : {}), laptop)
}

/** Events that Go changes: digits beyond doubles, keys out of order, characters it escapes. */
async function exact({ store }: Machine): Promise<void> {
  const dataText = '{"z":12345678901234567890,"a":1.0,"text":"<&>\u2028"}'
  await store.append([
    { id: 'exact', type: 'T', aggregateId: 'exact', dataText, metadata: { z: 1, a: '<' } },
    { id: 'versioned', type: 'T', aggregateId: 'exact', data: null, schemaVersion: 3 },
    // Go refuses such a number, and so would the whole page: it is shown a null instead.
    { id: 'huge', type: 'T', aggregateId: 'exact', dataText: '{"n":1e400}' },
    { id: 'own', type: 'T', aggregateId: 'exact', data: '"', metadata: { _rejoin: { x: 1 } } },
  ])
}

async function pushAndDie(go: GoServerFixture, { store }: Machine): Promise<void> {
  const death = new AbortController()
  const fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    const response = await go.fetch(input, init)
    if (String(input).endsWith('/push')) death.abort(new Error('killed'))
    death.signal.throwIfAborted()
    return response
  }
  const transport = reaching(go, { fetch })
  await expect(syncOnce({ replica: store, transport }, death.signal)).rejects.toThrow('killed')
}

async function parkedOf({ store }: Machine): Promise<readonly { id: EventId; reason: string }[]> {
  const { links } = await store.status()
  const [link] = links
  return link === undefined ? [] : (await store.link(link.link as Origin)).parked
}

function plain(id: string) {
  return { id, type: 'T', aggregate_id: 'go', data: { id } }
}

/** Of those of our laptops, at the first push they are in. */
function every(nth: number): NonNullable<GoBehaviour['drops']> {
  const seen = new Set<string>()
  return (id) => {
    if (id.startsWith('g')) return false
    const isFirst = !seen.has(id)
    seen.add(id)
    return isFirst && seen.size % nth === 0
  }
}

function prefixed(): NonNullable<GoBehaviour['versions']> {
  return {
    parse: (text) => (/^v\d+$/.test(text) ? BigInt(text.slice(1)) : undefined),
    format: (version) => `v${version}`,
  }
}
