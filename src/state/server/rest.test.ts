import { describe, expect, it, vi } from 'vitest'
import { MemoryStateStorage } from '../../store/memory/index.ts'
import { handDriven } from '../../transport/fixtures/hand-driven.ts'
import { servedHere } from '../fixtures/served-here.ts'
import { called, fetched, plain, type Way } from '../fixtures/ways.ts'
import { firstWriteWins, type StateOptions, type StateServerOptions } from '../index.ts'

const ways: readonly (readonly [string, Way])[] = [
  ['called with a Request', called],
  ['over node:http', plain],
  ['over node:http, with a Request for each', fetched],
]

describe.each(ways)('%s', (_, way) => {
  const served = (options?: StateServerOptions, of?: StateOptions) => servedHere(options, of, way)

  describe('one object', () => {
    it('is created, read, replaced and deleted', async () => {
      const { call, get, tree } = await served()
      expect(await call('GET', '/box')).toMatchObject({
        status: 404,
        text: 'nothing stands at box\n',
      })
      const created = await call('POST', '/box', { name: 'a box 🧰' })
      expect([created.status, created.text]).toEqual([200, '{"index":"box"}'])
      expect(created.headers.get('content-type')).toBe('application/json')
      const first = await get('/box')
      expect(first).toMatchObject({
        updated: 0,
        index: 'box',
        path: 'box',
        data: { name: 'a box 🧰' },
      })
      expect((await call('POST', '/box', '[1]')).status).toBe(200)
      expect((await tree.get('box'))?.dataText).toBe('[1]')
      const gone = await call('DELETE', '/box')
      expect([gone.status, gone.text]).toEqual([204, ''])
      expect((await call('DELETE', '/box')).status).toBe(404)
      expect((await call('GET', '/box')).status).toBe(404)
    })

    it('T4: is told digit for digit', async () => {
      const { call, tree } = await served()
      await call('POST', '/n', '{"at":1777636800000000001,"f":0.10}')
      const { created } = (await tree.get('n')) as { created: bigint }
      expect((await call('GET', '/n')).text).toBe(
        `{"created":${created},"updated":0,"index":"n","path":"n","data":{"at":1777636800000000001,"f":0.10}}`,
      )
    })

    it('may be asked for without its body', async () => {
      const { call } = await served()
      await call('POST', '/a', 1)
      const { text } = await call('GET', '/a')
      const head = await call('HEAD', '/a')
      expect([head.status, head.text]).toEqual([200, ''])
      expect(head.headers.get('content-length')).toBe(String(text.length))
    })
  })

  describe('a list', () => {
    it('is pushed to under the time in hex, and read newest first', async () => {
      const { call, get } = await served()
      const indexes: string[] = []
      for (const data of [1, 2, 3]) {
        const { text } = await call('POST', '/logs/*', data)
        indexes.push(JSON.parse(text).index)
      }
      for (const index of indexes) expect(index).toMatch(/^1[0-9a-f]{15}$/)
      const list = (await get('/logs/*')) as { index: string; data: number }[]
      expect(list.map(({ data }) => data)).toEqual([3, 2, 1])
      expect(list.map(({ index }) => index)).toEqual(indexes.toReversed())
      expect(await get('/nothing/*')).toEqual([])
      expect(await get('/logs/%2A')).toEqual(list)
    })

    it('is deleted as a whole', async () => {
      const { call, get } = await served()
      await call('POST', '/a/1', 1)
      await call('POST', '/a/2', 2)
      await call('POST', '/b', 3)
      expect((await call('DELETE', '/a/*')).status).toBe(204)
      expect(await get('/a/*')).toEqual([])
      expect((await call('GET', '/b')).status).toBe(200)
      expect((await call('DELETE', '/a/*')).status).toBe(204)
    })
  })

  describe('a patch', () => {
    const data = { a: { b: 1, c: [1] }, d: 'x' }

    it.each([
      ['application/json', '{"a":{"b":2},"e":null}', { a: { b: 2, c: [1] }, d: 'x', e: null }],
      ['application/merge-patch+json', '{"a":null,"d":"y"}', { d: 'y' }],
      [
        'application/json-patch+json; charset=utf-8',
        '[{"op":"add","path":"/a/c/-","value":2}]',
        { a: { b: 1, c: [1, 2] }, d: 'x' },
      ],
    ])('as %s', async (type, patch, result) => {
      const { call, get } = await served()
      await call('POST', '/o', data)
      const headers = { 'content-type': type }
      expect(await call('PATCH', '/o', patch, { headers })).toMatchObject({
        status: 200,
        text: '{"index":"o"}',
      })
      expect(await get('/o')).toMatchObject({ data: result })
    })

    it.each([
      ['application/json', '{"d":"y","a":{"b":{}}}', 400],
      ['application/json', '{"d":"y","a":7}', 400],
      [
        'application/json-patch+json',
        '[{"op":"remove","path":"/d"},{"op":"remove","path":"/x"}]',
        400,
      ],
      ['application/json-patch+json', '{}', 400],
      ['application/json', '', 400],
      ['application/json', '{', 400],
    ])('that does not fit changes nothing: %s %s', async (type, patch, status) => {
      const { call, tree } = await served()
      await call('POST', '/o', data)
      const before = (await tree.get('o'))?.text
      const answer = await call('PATCH', '/o', patch, { headers: { 'content-type': type } })
      expect(answer.status).toBe(status)
      expect((await tree.get('o'))?.text).toBe(before)
    })

    it('X1: that would take seconds is refused, and changes nothing', async () => {
      const { call, tree } = await served()
      const [opening, closing] = ['['.repeat(100), ']'.repeat(100)]
      await call('POST', '/o', `{"a":${opening}${'1,'.repeat(2_000_000)}1${closing}}`)
      const before = (await tree.get('o'))?.text
      const insert = [{ op: 'add', path: `/a${'/0'.repeat(100)}`, value: 1 }]
      const headers = { 'content-type': 'application/json-patch+json' }
      expect(await call('PATCH', '/o', insert, { headers })).toMatchObject({
        status: 413,
        text: expect.stringContaining('too much work'),
      })
      expect((await tree.get('o'))?.text === before).toBe(true)
    })

    it('is for one object that is there', async () => {
      const { call } = await served()
      expect((await call('PATCH', '/o', {})).status).toBe(404)
      expect(await call('PATCH', '/o/*', {})).toMatchObject({
        status: 400,
        text: expect.stringContaining('pattern'),
      })
    })
  })

  describe('X1: what is refused in plain text, and changes nothing', () => {
    it.each([
      ['POST', '/_pivot/x', '1', 400, /begin and end/],
      ['POST', '/sync/x', '1', 400, /reserved/],
      ['POST', '/metrics', '1', 400, /reserved/],
      ['GET', '/health', undefined, 400, /reserved/],
      ['POST', '/a//b', '1', 400, /\/\//],
      ['POST', '/a/', '1', 400, /begin and end/],
      ['POST', '/a b', '1', 400, /" "/],
      ['POST', '/%00', '1', 400, /u0000/],
      ['POST', '/%ff', '1', 400, /UTF-8/],
      ['POST', '/%E0%A4%A', '1', 400, /UTF-8/],
      ['POST', '/a/**', '1', 400, /\*\*/],
      ['POST', '/a/*/b', '1', 400, /one \*/],
      ['POST', `/${'a'.repeat(1025)}`, '1', 400, /1025/],
      ['POST', '/a', '', 400, /empty/],
      ['POST', '/a', '{"a":', 400, /no JSON/],
      ['POST', '/a', '1 2', 400, /no JSON/],
      ['POST', '/a', '\ufeff1', 400, /no JSON/],
      ['POST', '/a', `${'['.repeat(129)}${']'.repeat(129)}`, 400, /128 deep/],
      ['PUT', '/a', '1', 405, /not allowed/],
      ['OPTIONS', '/a', undefined, 405, /not allowed/],
      ['POST', '/', '1', 405, /not allowed/],
      ['GET', '/?api=nothing', undefined, 400, /no api=nothing: there are info/],
      ['GET', '/?api=keys&limit=x', undefined, 400, /limit/],
    ])('%s %s %j', async (method, path, body, status, words) => {
      const { call, tree } = await served()
      const answer = await call(method, path, body)
      expect([answer.status, answer.text]).toEqual([status, expect.stringMatching(words)])
      expect(answer.headers.get('content-type')).toMatch(/^text\/plain/)
      expect((await tree.keys()).total).toBe(0)
    })

    it('a body over the cap, announced or not, packed or not', async () => {
      const { call, tree } = await served({ bodyBytes: 1_000 })
      const large = JSON.stringify('x'.repeat(2_000))
      expect((await call('POST', '/a', large)).status).toBe(413)
      const chunks = new Response(large).body
      const streamed = { body: chunks, duplex: 'half' } as RequestInit
      expect((await call('POST', '/a', undefined, streamed)).status).toBe(413)
      const packed = new Response(large).body?.pipeThrough(new CompressionStream('gzip'))
      const bomb = { body: packed, duplex: 'half', headers: { 'content-encoding': 'gzip' } }
      expect((await call('POST', '/a', undefined, bomb as RequestInit)).status).toBe(413)
      const strange = { headers: { 'content-encoding': 'br' } }
      expect((await call('POST', '/a', 1, strange)).status).toBe(415)
      expect((await tree.keys()).total).toBe(0)
      expect((await call('POST', '/a', '"ok"')).status).toBe(200)
    })

    it('a body that never ends, after the deadline', async () => {
      const runtime = handDriven()
      const { call } = await served({ runtime, deadline: 10_000 })
      const begun = new ReadableStream({ start: (body) => body.enqueue(new Uint8Array([0x5b])) })
      const stuck = { body: begun, duplex: 'half' } as RequestInit
      const answer = call('POST', '/a', undefined, stuck)
      await vi.waitFor(() => expect(runtime.pending).toBeGreaterThan(0), 20_000)
      runtime.pass(10_000)
      expect([408, 503]).toContain((await answer).status)
    })

    it('a write that the policy of its path refuses', async () => {
      const storage = await MemoryStateStorage.open({ policies: { 'claims/*': firstWriteWins } })
      const { call, get } = await served({}, { storage })
      expect((await call('POST', '/claims/1', '"mine"')).status).toBe(200)
      expect(await call('POST', '/claims/1', '"yours"')).toMatchObject({
        status: 409,
        text: expect.stringContaining('policy'),
      })
      expect(await get('/claims/1')).toMatchObject({ data: 'mine' })
    })
  })

  it('names of prototypes are just names', async () => {
    const { call, get } = await served()
    const data = '{"__proto__":{"x":1},"constructor":{"prototype":{"y":2}}}'
    for (const path of ['/constructor', '/toString', '/a/hasOwnProperty', '/valueOf'])
      expect((await call('POST', path, data)).status).toBe(200)
    expect((await call('GET', '/constructor')).text).toContain(`"data":${data}}`)
    expect((await call('GET', '/isPrototypeOf')).status).toBe(404)
    expect(await get('/a/*')).toHaveLength(1)
    expect(({} as Record<string, unknown>).x).toBeUndefined()
  })

  describe('pages from elsewhere', () => {
    const origin = 'https://app.example.org'

    it('may do nothing unless they are named', async () => {
      const { call } = await served()
      const headers = { origin, 'access-control-request-method': 'POST' }
      const asked = await call('OPTIONS', '/a', undefined, { headers })
      expect(asked.status).toBe(204)
      expect(asked.headers.get('access-control-allow-origin')).toBeNull()
      expect(
        (await call('GET', '/a', undefined, { headers: { origin } })).headers.has('vary'),
      ).toBe(false)
    })

    it('are let in by name, or all of them', async () => {
      const named = await served({ cors: { origins: [origin] } })
      const headers = { origin, 'access-control-request-method': 'POST' }
      const asked = await named.call('OPTIONS', '/a', undefined, { headers })
      expect(asked.headers.get('access-control-allow-origin')).toBe(origin)
      expect(asked.headers.get('access-control-allow-methods')).toContain('PATCH')
      const answer = await named.call('GET', '/a', undefined, { headers: { origin } })
      expect(answer.status).toBe(404)
      expect(answer.headers.get('access-control-allow-origin')).toBe(origin)
      const other = await named.call('GET', '/a', undefined, {
        headers: { origin: 'http://e.test' },
      })
      expect(other.headers.get('access-control-allow-origin')).toBeNull()
      const all = await served({ cors: { origins: '*' } })
      expect(
        (await all.call('GET', '/a', undefined, { headers: { origin } })).headers.get(
          'access-control-allow-origin',
        ),
      ).toBe('*')
    })
  })
})
