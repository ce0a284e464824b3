import fc from 'fast-check'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { patternFilter } from '../src/contracts/index.ts'
import { Link } from '../src/link/index.ts'
import { systemRuntime } from '../src/runtime/index.ts'
import { serve } from '../src/server/index.ts'
import { stateLinkTransport } from '../src/state/index.ts'
import { httpStateTransport, stateLinkHandler } from '../src/transport/http/index.ts'
import { encodeChange } from '../src/transport/remote/state-frame.ts'
import { stateLinkSockets } from '../src/transport/websocket/index.ts'
import { start } from '../src/version/index.ts'
import { property } from './property.ts'
import { type StateMember, stateMember, versionsIn } from './state-fleet.ts'

const noon = 1_777_636_800_000
const day = 86_400_000
const base = '/_rejoin/state/things'

describe.each(['auto', 'websocket', 'sse'] as const)(
  'two files of state, linked over HTTP and %s',
  (live) => {
    let open: AsyncDisposable[] = []
    afterEach(async () => {
      for (const one of open.toReversed()) await one[Symbol.asyncDispose]()
      open = []
    })

    async function linked(filter?: readonly string[], paths: readonly string[] = []) {
      const time = { now: noon }
      const one = await stateMember('one', time, { kind: 'sqlite' })
      const hub = await stateMember('hub', time, { kind: 'sqlite' })
      for (const path of paths) await hub.state.set(path, 1)
      const server = await serve({
        mounts: { [base]: stateLinkHandler(hub.storage, { name: 'things' }) },
        sockets: { [`${base}/ws`]: stateLinkSockets(hub.storage) },
        tokens: ['secret'],
        port: 0,
      })
      const { origin: url } = new URL(server.url)
      const headers = { authorization: 'Bearer secret' }
      const transport = stateLinkTransport({ url, name: 'things', headers, live })
      const link = new Link({
        replica: one.storage,
        transport,
        ...(filter && { filter: patternFilter(filter, systemRuntime) }),
      })
      open.push(server, transport, link)
      link.start()
      await until(() => link.phase === 'live')
      return { one, hub, time, link, transport }
    }

    it('T2: the tombstone is kept for one that was there once, and goes when it has been read', async () => {
      const { one, hub, time, link, transport } = await linked(undefined, ['a/1'])
      await link.close()
      await hub.state.delete('a/1')
      time.now += 2 * day
      const sweep = async () =>
        (await hub.storage.sweep({ minimumAge: day, horizon: 30 * day })).dropped
      expect(await sweep()).toBe(0)
      const again = new Link({ replica: one.storage, transport })
      open.push(again)
      again.start()
      await until(async () => (await sweep()) === 1)
      expect(await one.state.get('a/1')).toBeUndefined()
      expect(again.statistics).toMatchObject({ rounds: 1, streams: 1 })
    })

    it('S1: come to the same versions as they are written, both ways', async () => {
      const { one, hub, time, link } = await linked()
      for (let n = 0; n < 20; n++) {
        time.now += 1
        await one.state.set(`a/${n % 5}`, { n, text: 'ä🙂\u2028' })
        time.now += 1
        await hub.state.set(`a/${n % 7}`, { n: -n })
        if (n % 6 === 5) await hub.state.delete('a/3')
      }
      await until(() => same(one, hub))
      expect(link.statistics.failures).toBe(0)
    })

    it('share what the filter names and nothing else', async () => {
      const { one, hub, time } = await linked(['shared/*', 'config'])
      for (const { state, name } of [one, hub]) {
        time.now += 1
        await state.set(`own/${name}`, 1)
        await state.set(`shared/${name}`, 1)
        await state.set('config', name)
      }
      const paths = async (member: StateMember) => [...(await versionsIn(member)).keys()].toSorted()
      const both = ['config', 'shared/hub', 'shared/one']
      await until(async () => (await paths(one)).length === 4 && (await paths(hub)).length === 4)
      expect(await paths(one)).toEqual([...both, 'own/one'].toSorted())
      expect(await paths(hub)).toEqual([...both, 'own/hub'].toSorted())
      await until(async () => (await one.state.get('config'))?.data === 'hub')
    })

    it('T4: times and numbers arrive digit for digit', async () => {
      const { one, hub } = await linked()
      const dataText = '{"n":12345678901234567890,"f":0.10,"e":1e400}'
      const change = { path: 'a', created: BigInt(noon) * 1_000_000n + 1n, updated: 0n, dataText }
      const { end } = await hub.storage.rows([])
      await hub.storage.commit({ expects: end, changes: [{ ...change, note: 'n"\\' }] })
      await until(async () => (await versionsIn(one)).has('a'))
      expect((await versionsIn(one)).get('a')).toMatchObject({ ...change, note: 'n"\\' })
    })
  },
)

describe('X1: what a link of state is sent', async () => {
  const hub = await stateMember('hub', { now: noon })
  const handler = stateLinkHandler(hub.storage, { name: 'things' })
  const ask = (path: string, init?: RequestInit) =>
    handler(new Request(`http://hub.test${base}/${path}`, init))
  const push = (body: BodyInit) =>
    ask('changes?origin=one~0123456789abcdef', {
      method: 'POST',
      headers: { 'content-type': 'application/vnd.rejoin.frames' },
      body,
    })
  const frame = (path: string, dataText: string | null = '1') =>
    encodeChange({ path, created: dataText === null ? 0n : 1n, updated: 2n, dataText, note: '' })
  const end = '{"end":{"cursor":"","expects":""}}\n'

  it.each([
    ['torn in a header', frame('a').slice(0, 10)],
    ['torn before its end', frame('a') + frame('b')],
    ['not UTF-8', new Uint8Array([...new TextEncoder().encode(frame('a')), 0xff, 10])],
    ['a page of events', `{"id":"e1","stamp":"1","aggregate":"a","type":"t","schema":1}\n`],
    ['without a cursor', `${frame('a')}{"end":{}}\n`],
    ['too many', Array.from({ length: 2_001 }, (_, at) => frame(`a/${at}`)).join('') + end],
  ])('is refused when it is %s, and changes nothing', async (_, body) => {
    const before = await hub.storage.status()
    const { status } = await push(body)
    expect([400, 413]).toContain(status)
    expect(await hub.storage.status()).toEqual(before)
  })

  it('is refused one by one where it only breaks a rule', async () => {
    const hostile = frame('x').replace('"path":"x"', '"path":"../x"')
    const answer = await push(frame('ok/1') + hostile + frame('ok/2', null) + end)
    expect(await answer.json()).toEqual({
      kind: 'applied',
      receipts: [
        'stored',
        {
          rejected: 'invalid',
          message: expect.stringContaining('path must begin'),
          retryable: false,
        },
        'stored',
      ],
    })
  })

  it('gets a 4xx, whatever its bytes', async () => {
    const page = new TextEncoder().encode(frame('p/1') + frame('p/2', '{"a":[1]}') + end)
    const flip = fc.tuple(fc.nat(page.byteLength - 1), fc.integer({ min: 1, max: 255 }))
    await property(fc.array(flip, { minLength: 1, maxLength: 4 }), async (flips) => {
      const bytes = new Uint8Array(page)
      for (const [at, mask] of flips) bytes[at] = (bytes[at] as number) ^ mask
      const { status } = await push(bytes)
      expect([200, 400, 413]).toContain(status)
    })
  })

  it.each([
    ['an event filter', '{"aggregates":["a"]}'],
    ['a pattern that is none', '{"patterns":["a//b"]}'],
    ['no JSON', '{'],
  ])('is refused with %s', async (_, filter) => {
    const body = JSON.stringify({ after: '', count: 1, bytes: 1, filter })
    const headers = { 'content-type': 'application/json' }
    const answer = await ask('changes/pull', { method: 'POST', headers, body })
    expect(answer.status).toBe(400)
    expect(await answer.json()).toMatchObject({ error: { code: 'invalid_argument' } })
  })

  it('is not read as events, nor events as state', async () => {
    expect((await ask('events?after=')).status).toBe(404)
    expect((await handler(new Request('http://hub.test/sync/changes'))).status).toBe(404)
  })
})

it('who says hello over HTTP hears of the WebSockets of that storage, once there are any', async () => {
  const { storage } = await stateMember('hub', { now: noon })
  const handler = stateLinkHandler(storage)
  const greeted = async () =>
    (await handler(new Request('http://hub.test/_rejoin/state/main/hello'))).json()
  expect(await greeted()).not.toHaveProperty('live')
  stateLinkSockets(storage)
  expect(await greeted()).toMatchObject({ live: ['sse', 'websocket'] })
})

it('an object of 10 MiB travels both ways, and a larger one is refused for good', async () => {
  const time = { now: noon }
  const hub = await stateMember('hub', time)
  const handler = stateLinkHandler(hub.storage)
  const transport = httpStateTransport({
    url: 'http://hub.test',
    fetch: (input, init) => handler(new Request(input, init)),
  })
  const change = (path: string, length: number) => {
    const dataText = `"${'x'.repeat(length - 2)}"`
    return Object.assign(Object.create(null), {
      path,
      created: 1n,
      updated: 0n,
      dataText,
      note: '',
    })
  }
  const mebibytes = 10 * 1024 * 1024
  const changes = [change('a', mebibytes), change('b', mebibytes + 1)]
  const push = { origin: 'one~0123456789abcdef' as never, cursor: start, expects: start }
  for (const [at, one] of changes.entries()) {
    const answer = await transport.push({ ...push, changes: [one] })
    expect(answer).toMatchObject({ receipts: [{ kind: at === 0 ? 'stored' : 'rejected' }] })
  }
  const page = await transport.pull(start, { count: 10, bytes: 1 })
  expect(page).toMatchObject({ changes: [{ path: 'a', dataText: changes[0].dataText }] })
})

it.each(['', 'a/b', '..', 'ä', 7])('a storage can not be served as %j', async (name) => {
  const { storage } = await stateMember('hub', { now: noon })
  const refused = expect.objectContaining({ code: 'invalid_argument' })
  expect(() => stateLinkHandler(storage, { name: name as string })).toThrow(refused)
  expect(() => stateLinkTransport({ url: 'http://hub.test', name: name as string })).toThrow(
    refused,
  )
})

async function same(one: StateMember, other: StateMember): Promise<boolean> {
  const [here, there] = [await versionsIn(one), await versionsIn(other)]
  return (
    here.size === there.size &&
    [...here].every(([path, change]) => {
      const match = there.get(path)
      return match !== undefined && encodeChange(match) === encodeChange(change)
    })
  )
}

/** Over a real network there is no telling how many turns it takes. */
function until(isSo: () => boolean | Promise<boolean>): Promise<unknown> {
  return vi.waitUntil(isSo, { timeout: 20_000, interval: 1 })
}
