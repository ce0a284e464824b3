import { afterEach, describe, expect, it } from 'vitest'
import type { RejoinError } from '../errors/index.ts'
import { handDriven } from '../transport/fixtures/hand-driven.ts'
import { type LiveServer, liveServer } from './fixtures/live-server.ts'
import { type ConnectOptions, connectState, JsonText, type StateClient } from './index.ts'

const opened: AsyncDisposable[] = []
afterEach(async () => {
  for (const each of opened.splice(0).toReversed()) await each[Symbol.asyncDispose]()
})

async function connected(
  options: ConnectOptions = {},
  ...of: Parameters<typeof liveServer>
): Promise<{ client: StateClient; server: LiveServer }> {
  const server = await liveServer(...of)
  const client = connectState(server.url, options)
  opened.push(server, client)
  return { client, server }
}

/** A server that answers what the test says. */
function answering(answer: () => Response | Promise<Response>, options: ConnectOptions = {}) {
  const client = connectState('http://localhost:1', { ...options, fetch: async () => answer() })
  opened.push(client)
  return client
}

function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'resolved',
    (error: RejoinError) => error.code ?? String(error),
  )
}

describe('a client reads and writes', () => {
  it('one object, whose times and numbers are exact (T4)', async () => {
    const { client, server } = await connected()
    expect(await client.get('box')).toBeUndefined()
    expect(await client.set('box', new JsonText('{"n":12345678901234567890,"d":1.10}'))).toEqual({
      kind: 'written',
      path: 'box',
      index: 'box',
    })
    await client.set('box', new JsonText('{"n":12345678901234567891,"d":1.10}'))
    const [mine, theirs] = [await client.get<{ n: bigint }>('box'), await server.tree.get('box')]
    expect(mine?.text).toBe(theirs?.text)
    expect(mine?.created).toBeGreaterThan(1_700_000_000_000_000_000n)
    expect(mine?.updated).toBeGreaterThan(mine?.created ?? 0n)
    expect(mine?.data.n).toBe(12345678901234567891n)
  })

  it('lists, in both orders, and what is pushed to them', async () => {
    const { client } = await connected()
    const pushed = await client.push<{ name: string }>('users/*', { name: 'Ann' })
    await client.set('users/bob', { name: 'Bob' })
    expect(pushed).toMatchObject({
      kind: 'written',
      path: expect.stringMatching(/^users\/[0-9a-f]+$/),
    })
    const names = async (order: 'newest' | 'oldest') =>
      (await client.list<{ name: string }>('users/*', { order })).map(({ data }) => data.name)
    expect(await names('newest')).toEqual(['Bob', 'Ann'])
    expect(await names('oldest')).toEqual(['Ann', 'Bob'])
    expect(await client.list('none/*')).toEqual([])
  })

  it('patches in all three forms', async () => {
    const { client } = await connected()
    await client.set('lamp', { on: true, colour: { r: 1 } })
    await client.patch('lamp', { colour: { g: 2 } })
    await client.patch('lamp', { on: null }, { form: 'merge-patch' })
    const patch = [{ op: 'remove', path: '/colour/r' }]
    expect(await client.patch('lamp', patch, { form: 'json-patch' })).toMatchObject({
      index: 'lamp',
    })
    expect((await client.get('lamp'))?.data).toEqual({ colour: { g: 2 } })
    expect(await client.patch('none', { a: 1 })).toEqual({ kind: 'absent' })
  })

  it('deletes one and many, and reads keys page by page', async () => {
    const { client } = await connected()
    for (const path of ['a/1', 'a/2', 'b']) await client.set(path, 1)
    expect(await client.keys({ filter: 'a/', limit: 1, page: 2 })).toEqual({
      keys: ['a/2'],
      total: 2,
    })
    expect(await client.delete('b')).toEqual({ kind: 'deleted' })
    expect(await client.delete('b')).toEqual({ kind: 'absent' })
    await client.delete('a/*')
    expect((await client.keys()).total).toBe(0)
  })

  it('with a token, which a function may give', async () => {
    const { server } = await connected({}, {}, ['secret'])
    for (const [token, expected] of [
      ['secret', 'resolved'],
      [async () => 'secret', 'resolved'],
      ['wrong', 'unauthorized'],
      [() => Promise.reject(new Error('no token')), 'unauthorized'],
    ] as const) {
      const client = connectState(server.url, { token })
      opened.push(client)
      expect(await codeOf(client.set('box', 1))).toBe(expected)
    }
  })
})

describe('what goes wrong is a RejoinError with a code', () => {
  it.each<[number, string]>([
    [400, 'invalid_argument'],
    [401, 'unauthorized'],
    [403, 'forbidden'],
    [404, 'not_found'],
    [408, 'timeout'],
    [413, 'too_large'],
    [418, 'protocol'],
    [429, 'unavailable'],
    [500, 'unavailable'],
    [503, 'unavailable'],
    [504, 'timeout'],
  ])('%i is %s', async (status, code) => {
    const client = answering(() => new Response('why', { status, headers: { 'retry-after': '7' } }))
    const error = await client.set('box', 1).catch((thrown) => thrown)
    expect(error).toMatchObject({ code, details: { status, retryAfter: 7_000 } })
    expect(error.message).toContain('why')
  })

  it('a write where something else is served does not seem to miss an object', async () => {
    const client = answering(() => Response.json({ error: 'not found' }, { status: 404 }))
    await expect(client.set('sync/x', 1)).rejects.toThrow(/^no state is served there /)
  })

  it.each([
    ['no JSON', '{'],
    ['another kind of thing', '[]'],
    ['an object without times', '{"data":1}'],
    ['a time that is none', '{"created":1.5,"updated":0,"data":1}'],
    ['no data', '{"created":1,"updated":0}'],
    ['a path that is none', '{"created":1,"updated":0,"path":7,"data":1}'],
  ])('%s is "protocol"', async (_, body) => {
    expect(await codeOf(answering(() => new Response(body)).get('box'))).toBe('protocol')
  })

  it('filters that refuse, and say why', async () => {
    const write = () => {
      throw new Error('only on Sundays')
    }
    const { client, server } = await connected({}, { filters: { box: { write } } })
    await expect(client.set('box', 1)).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining('only on Sundays'),
    })
    expect(await server.tree.get('box')).toBeUndefined()
  })

  it('nobody there, no answer in time, and an answer that is too large', async () => {
    const { client, server } = await connected({ answerBytes: 1_000 })
    await server.tree.set('box', 'x'.repeat(2_000))
    expect(await codeOf(client.get('box'))).toBe('too_large')
    await server.stop()
    expect(await codeOf(client.get('box'))).toBe('network')
    const runtime = handDriven()
    const late = codeOf(answering(() => new Promise(() => {}), { runtime, timeout: 50 }).get('box'))
    runtime.pass(50)
    expect(await late).toBe('timeout')
  })

  it.each<[string, (client: StateClient) => Promise<unknown>]>([
    ['a path that begins with _', (client) => client.get('_x')],
    ['a pattern where one object is meant', (client) => client.get('a/*')],
    ['a path where a list is meant', (client) => client.list('a')],
    ['a push to one object', (client) => client.push('a', 1)],
    ['a patch of a pattern', (client) => client.patch('a/*', 1)],
    ['data without a JSON form', (client) => client.set('a', () => {})],
    ['a page that is none', (client) => client.keys({ page: 0 })],
  ])('%s is refused without a request', async (_, call) => {
    let requests = 0
    const client = answering(() => {
      requests++
      return new Response('{}')
    })
    expect(await codeOf(call(client))).toBe('invalid_argument')
    expect(requests).toBe(0)
  })

  it.each<[string, () => unknown]>([
    ['an address that is none', () => connectState('box')],
    ['another protocol', () => connectState('ftp://x')],
    ['credentials in the address', () => connectState('http://a:b@x')],
    ['a token with spaces', () => connectState('http://x', { token: 'a b' })],
    ['a timeout that is none', () => connectState('http://x', { timeout: 0 })],
    ['a queue that is none', () => connectState('http://x', { offline: {} as never })],
  ])('%s throws at once', (_, connect) => {
    expect(connect).toThrowError(expect.objectContaining({ code: 'invalid_argument' }))
  })

  it('a signal gives its reason, and a closed client "closed"', async () => {
    const client = answering(() => new Promise(() => {}))
    const stop = new AbortController()
    const [read, write] = [client.get('a', stop.signal), client.set('a', 1)]
    stop.abort(new Error('enough'))
    await expect(read).rejects.toThrow('enough')
    const waiting = codeOf(write)
    await client.close()
    expect([await waiting, await codeOf(client.get('a'))]).toEqual(['closed', 'closed'])
  })
})
