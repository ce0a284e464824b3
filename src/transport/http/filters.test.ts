import { describe, expect, it } from 'vitest'
import { eventsOf, expectSame, machine, sync, trySync } from '../../../test/fleet.ts'
import type { Transport } from '../../contracts/index.ts'
import { type EventFilter, filterOf, type LogEvent } from '../../event/index.ts'
import { JsonNumber } from '../../json/index.ts'
import { systemRuntime } from '../../runtime/index.ts'
import { start } from '../../version/index.ts'
import { errorIn, hubOf } from '../fixtures/hub.ts'
import { httpTransport } from './client.ts'
import { logHandler } from './handler.ts'

const everything = { after: start, count: 10, bytes: 1e6 }

describe('a filter over HTTP', () => {
  it('is held to by the other end: content that it keeps back never travels', async () => {
    const { hub, laptop, transport, answers } = await ends()
    await hub.store.append([
      { id: 'h1', type: 'x', aggregateId: 'a', data: 'seen' },
      { id: 'h2', type: 'y', aggregateId: 'a', data: 'hidden' },
      { id: 'h3', type: 'x', aggregateId: 'b', data: 'unselected' },
    ])
    const filter = by({ aggregates: ['a'], types: ['x'] })
    expect(await sync(laptop, hub, { transport, filter })).toMatchObject({ pulled: 1 })
    const text = answers.join('')
    expect(text).toContain('seen')
    expect(text).toContain('"stub":"withheld"')
    expect(text).not.toMatch(/hidden|unselected/)
    await sync(laptop, hub, { transport })
    await expectSame(laptop, hub)
  })

  it('in code sends its key, and is held to here', async () => {
    const { hub, laptop, transport, requests } = await ends()
    await hub.store.append([
      { id: 'h1', type: 'x', aggregateId: 'a' },
      { id: 'h2', type: 'y', aggregateId: 'a' },
    ])
    const filter = by({ key: 'only x', matches: ({ type }) => type === 'x' })
    await sync(laptop, hub, { transport, filter })
    const stubs = (await eventsOf(laptop)).map(({ stub }) => stub)
    expect(stubs).toEqual([null, 'withheld'])
    expect(requests.join('')).toContain(JSON.stringify('{"key":"only x"}'))
  })

  it('may be far longer than an address', async () => {
    const { hub, laptop, transport } = await ends()
    await hub.store.append([{ type: 'x', aggregateId: 'a-999' }])
    const aggregates = Array.from({ length: 1_000 }, (_, n) => `a-${n}`.padEnd(100, '-'))
    const filter = by({ aggregates: [...aggregates.slice(1), 'a-999'] })
    expect(await sync(laptop, hub, { transport, filter })).toMatchObject({ pulled: 1 })
  })

  it('keeps integers exact that JavaScript would round', async () => {
    const { hub, laptop, transport } = await ends()
    const nanos = (text: string) => ({ nanos: new JsonNumber(text) })
    await hub.store.append([
      { id: 'h1', type: 'x', aggregateId: 'a', metadata: nanos('9007199254740992') },
      { id: 'h2', type: 'x', aggregateId: 'a', metadata: nanos('9007199254740993') },
    ])
    const filter = by({ metadata: { nanos: 9007199254740993n } })
    await sync(laptop, hub, { transport, filter })
    expect((await eventsOf(laptop)).map(({ stub }) => stub)).toEqual(['withheld', null])
  })

  it.each([
    ['{"types":[]}', /^filter\.types must be a list of 1 to 1000/],
    ['{"metadata":{"p":{"gte":true}}}', /^filter\.metadata\.p\.gte must be a string or a number/],
    ['{"type":["x"]}', /^filter must be made of aggregates, tenant, types, metadata/],
    ['{"key":5}', /^filter\.key must be a name/],
    ['{"key":"k","types":["x"]}', /^filter must be made of/],
    ['nonsense', /^filter must be JSON/],
    [`{"types":${'['.repeat(50_000)}`, /^filter must be JSON/],
  ])('%s is answered with 400, naming the field (X1)', async (filter, message) => {
    const hub = await hubOf(1)
    for (const [path, body] of [
      ['events/pull', { ...everything, filter }],
      ['events/fetch', { ids: ['e0'], filter }],
    ] as const) {
      const response = await post(hub, path, body)
      expect(response.status).toBe(400)
      expect(await errorIn(response)).toMatchObject({
        code: 'invalid_argument',
        message: expect.stringMatching(message),
      })
    }
  })

  it.each([
    [{ ...everything, filter: { types: ['x'] } }, /"filter" must be a string/],
    [everything, /"filter" is missing/],
    [{ ...everything, filter: '{"types":["x"]}', count: 0 }, /"count"/],
    [{ ...everything, filter: '{"types":["x"]}', after: 'x' }, /"after" is not a cursor/],
    [{ ...everything, filter: '{"types":["x"]}', other: 1 }, /"other" is unknown/],
  ])('a body such as %j is answered with 400 (X1)', async (body, message) => {
    const response = await post(await hubOf(1), 'events/pull', body)
    expect(response.status).toBe(400)
    expect((await errorIn(response)).message).toMatch(message)
  })

  it('is not sent where nobody says that he holds to it', async () => {
    const { hub, laptop, transport } = await ends((body) => body.replace('"filters":true,', ''))
    await hub.store.append([{ type: 'x', aggregateId: 'a' }])
    const { errors } = await trySync(laptop, hub, { transport, filter: by({ types: ['x'] }) })
    expect(errors.map(({ code }) => code)).toEqual(['protocol'])
    expect(await eventsOf(laptop)).toEqual([])
  })
})

async function ends(forged = (body: string) => body) {
  const [hub, laptop] = [await machine('hub'), await machine('laptop')]
  const handler = logHandler(hub.store)
  const requests: string[] = []
  const answers: string[] = []
  const transport: Transport<LogEvent> = httpTransport({
    url: 'http://hub.test/sync',
    compress: false,
    async fetch(url, init) {
      const request = new Request(url as string, init)
      requests.push(await request.clone().text())
      const { headers, status, ...response } = await handler(request).then(async (answer) => ({
        headers: answer.headers,
        status: answer.status,
        body: forged(await answer.text()),
      }))
      answers.push(response.body)
      headers.delete('content-length')
      return new Response(response.body, { headers, status })
    },
  })
  return { hub, laptop, transport, requests, answers }
}

function post(hub: Awaited<ReturnType<typeof hubOf>>, path: string, body: object) {
  const headers = { 'content-type': 'application/json' }
  return hub.ask(path, { method: 'POST', headers, body: JSON.stringify(body) })
}

function by(filter: EventFilter) {
  return filterOf(filter, systemRuntime, { operation: 'test', component: 'http' })
}
