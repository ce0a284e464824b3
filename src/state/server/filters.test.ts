import { afterEach, describe, expect, it } from 'vitest'
import { handDriven } from '../../transport/fixtures/hand-driven.ts'
import { type ServedState, servedState } from '../fixtures/served.ts'
import { StateClient } from '../fixtures/state-client.ts'
import {
  openState,
  type State,
  type StateFilter,
  type StateOptions,
  type StateServerOptions,
  stateServer,
  withData,
} from '../index.ts'

const opened: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one[Symbol.asyncDispose]()
})

async function served(
  filters: Record<string, StateFilter>,
  options: StateServerOptions = {},
  of?: StateOptions,
): Promise<ServedState> {
  const one = await servedState({ filters, ...options }, of)
  opened.push(one)
  return one
}

const refuse = (words: string) => () => {
  throw new Error(words)
}

describe('a write filter', () => {
  it('sees the data, and gives other data or refuses', async () => {
    const seen: unknown[] = []
    const { call, get, tree } = await served({
      'users/*': {
        write: async ({ path, data }) => {
          seen.push([path, data])
          const { name } = data as { name?: unknown }
          if (typeof name !== 'string') throw new Error('a user needs a name')
          return { name: name.trim() }
        },
      },
      'plain/*': { write: () => undefined },
    })
    expect((await call('POST', '/users/1', { name: ' Ann ' })).status).toBe(200)
    expect(await get('/users/1')).toMatchObject({ data: { name: 'Ann' } })
    const refused = await call('POST', '/users/*', { nom: 1 })
    expect([refused.status, refused.text]).toEqual([400, 'a user needs a name\n'])
    expect(seen).toEqual([
      ['users/1', { name: ' Ann ' }],
      ['users/*', { nom: 1 }],
    ])
    await call('POST', '/plain/1', '[1.10]')
    expect((await tree.get('plain/1'))?.dataText).toBe('[1.10]')
    expect((await tree.keys()).total).toBe(2)
  })

  it('sees what a patch comes to, also when somebody writes meanwhile', async () => {
    let raced = false
    const seen: unknown[] = []
    const { call, get, tree } = await served({
      o: {
        write: async ({ data }) => {
          seen.push(data)
          if (!raced) {
            raced = true
            await tree.set('o', { a: 5, b: 5 })
          }
        },
      },
    })
    await tree.set('o', { a: 1 })
    expect((await call('PATCH', '/o', { a: 2 })).status).toBe(200)
    expect(seen).toEqual([{ a: 2 }, { a: 2, b: 5 }])
    expect(await get('/o')).toMatchObject({ data: { a: 2, b: 5 } })
    expect((await call('PATCH', '/o', { a: {} })).status).toBe(400)
    await tree.delete('o')
    expect((await call('PATCH', '/o', { a: 2 })).status).toBe(404)
  })
})

it('afterWrite comes before the answer, and what it throws changes nothing about it', async () => {
  const seen: string[] = []
  const { call } = await served({
    'a/*': { afterWrite: async ({ path }) => void seen.push(path) },
    b: { afterWrite: refuse('boom') },
  })
  await call('POST', '/a/1', 1)
  await call('PATCH', '/a/1', '2')
  expect(seen).toEqual(['a/1', 'a/1'])
  expect((await call('POST', '/b', 1)).status).toBe(200)
})

describe('read filters', () => {
  const hide: StateFilter = {
    readObject: (object) =>
      object.index === 'secret' ? undefined : withData(object, { seen: object.data }),
  }

  it('show something else of an object, or nothing, alone and in lists', async () => {
    const { tree, call, get, server } = await served({ 'u/*': hide })
    const list = await new StateClient().subscribe(server, '/u/*')
    const one = await new StateClient().subscribe(server, '/u/secret')
    for (const name of ['1', 'secret']) await tree.set(`u/${name}`, name)
    expect((await call('GET', '/u/secret')).status).toBe(404)
    expect(await get('/u/*')).toMatchObject([{ data: { seen: '1' } }])
    // A wider pattern shows no more.
    expect(await get('/*/*')).toEqual(await get('/u/*'))
    expect([list.told, one.told].map(({ length }) => length)).toEqual([2, 1])
    expect(list.value).toEqual(await get('/u/*'))
  })

  it('make another list of a list', async () => {
    const { tree, call, get, server } = await served({
      'u/*': {
        readList: (objects) =>
          objects
            .filter(({ data }) => (data as number) % 2 === 1)
            .toSorted((one, other) => (one.data as number) - (other.data as number)),
      },
    })
    const client = await new StateClient().subscribe(server, '/u/*')
    for (const n of [3, 2, 1, 5, 4]) await tree.set(`u/${n}`, n)
    const shown = (await get('/u/*')) as { data: number }[]
    expect(shown.map(({ data }) => data)).toEqual([1, 3, 5])
    expect(client.value).toEqual(shown)
    expect(client.told).toHaveLength(4)
    expect(await call('GET', '/*/*')).toMatchObject({
      status: 400,
      text: expect.stringContaining('u/*, which has a filter of its own'),
    })
    await expect(new StateClient().subscribe(server, '/*/*')).rejects.toThrow(/400/)
  })

  it('that throw refuse the request, and hide from who is subscribed', async () => {
    const { tree, call, get, server } = await served({
      'u/*': {
        readObject: (object) => {
          if (object.data === 'bad') throw new Error('not this one')
          return object
        },
      },
      'l/*': {
        readList: (objects) => {
          if (objects.length > 1) throw new Error('too many')
          return objects
        },
      },
    })
    const [one, list] = [new StateClient(), new StateClient()]
    await one.subscribe(server, '/u/1')
    await list.subscribe(server, '/l/*')
    await tree.set('u/1', 'good')
    await tree.set('u/1', 'bad')
    expect(await call('GET', '/u/1')).toMatchObject({ status: 400, text: 'not this one\n' })
    expect(one.value).toMatchObject({ created: 0 })
    expect(await get('/u/*')).toEqual([])
    await expect(new StateClient().subscribe(server, '/u/1')).rejects.toThrow('400 not this one')
    await tree.set('l/1', 1)
    await tree.set('l/2', 1)
    expect(await call('GET', '/l/*')).toMatchObject({ status: 400, text: 'too many\n' })
    expect(list.value).toEqual([])
    await tree.delete('l/2')
    expect(list.value).toEqual(await get('/l/*'))
  })

  it.each<[string, unknown]>([
    ['a promise', async (given: unknown) => given],
    ['a promise that fails', () => Promise.reject(new Error('later'))],
    ['an object without what objects have', (given: object) => ({ ...given })],
    ['true', () => true],
    ['null', () => null],
  ])('that answer %s show nothing, and say why', async (_, answer) => {
    const { tree, call, server } = await served({
      'u/*': { readObject: answer as never },
      'l/*': { readList: answer as never },
    })
    const [one, list] = [new StateClient(), new StateClient()]
    await one.subscribe(server, '/u/1')
    await list.subscribe(server, '/u/*')
    await tree.set('u/1', 'secret')
    await tree.set('l/1', 'secret')
    for (const [path, name] of [
      ['/u/1', 'readObject'],
      ['/l/*', 'readList'],
    ] as const) {
      const { status, text } = await call('GET', path)
      expect([status, text]).toEqual([500, expect.stringMatching(`a filter ${name} has to answer`)])
    }
    expect((await call('GET', '/u/*')).text).toBe('[]')
    expect([one.value, list.value]).toMatchObject([{ created: 0 }, []])
    await expect(new StateClient().subscribe(server, '/l/*')).rejects.toThrow(
      '500 a filter readList',
    )
  })

  it('that forget to answer a list do not show all of it', async () => {
    const { tree, call } = await served({ 'l/*': { readList: (() => {}) as never } })
    await tree.set('l/1', 'secret')
    expect((await call('GET', '/l/*')).status).toBe(500)
  })
})

it('a delete filter refuses, also through wider patterns', async () => {
  const asked: string[] = []
  const { tree, call } = await served({
    'a/kept': { delete: refuse('keep it') },
    'b/*': { delete: async (path) => void asked.push(path) },
  })
  for (const path of ['a/kept', 'a/1', 'b/1', 'b/2']) await tree.set(path, 1)
  expect(await call('DELETE', '/a/kept')).toMatchObject({ status: 400, text: 'keep it\n' })
  expect((await call('DELETE', '/a/*')).status).toBe(400)
  expect((await call('DELETE', '/*/*')).status).toBe(400)
  expect((await tree.keys()).total).toBe(4)
  expect((await call('DELETE', '/a/1')).status).toBe(204)
  expect((await call('DELETE', '/b/1')).status).toBe(204)
  expect((await call('DELETE', '/b/*')).status).toBe(204)
  expect(asked).toEqual(['b/1', 'b/*'])
})

it('of two patterns the more specific one counts', async () => {
  const { call } = await served({
    'a/*': { write: refuse('any') },
    'a/1': { write: () => undefined },
    '*/*': { delete: refuse('no') },
  })
  expect((await call('POST', '/a/1', 1)).status).toBe(200)
  expect((await call('POST', '/a/2', 1)).status).toBe(400)
  expect((await call('DELETE', '/a/1')).text).toBe('no\n')
})

it('static mode serves only what has a filter', async () => {
  const { call, server, tree } = await served(
    {
      'open/*': { open: true },
      'logs/*': { limit: { count: 10 } },
      'in/*': { write: () => undefined },
      out: { readObject: (object) => object },
    },
    { static: true },
  )
  await tree.set('out', 1)
  const statuses = async (path: string) => [
    (await call('POST', path, 1)).status,
    (await call('GET', path)).status,
    (await call('DELETE', path)).status,
  ]
  expect(await statuses('/other')).toEqual([400, 400, 400])
  expect(await statuses('/open/1')).toEqual([200, 200, 204])
  expect(await statuses('/logs/1')).toEqual([200, 200, 204])
  expect(await statuses('/in/1')).toEqual([200, 400, 400])
  expect(await statuses('/out')).toEqual([400, 200, 400])
  expect((await call('GET', '/*')).status).toBe(400)
  await expect(new StateClient().subscribe(server, '/in/1')).rejects.toThrow(/400 .*not served/)
  await new StateClient().subscribe(server, '/open/*')
})

describe('a limit', () => {
  it('on the count deletes what was created first, whoever writes', async () => {
    const { tree, call, get, server } = await served({ 'l/*': { limit: { count: 3 } } })
    const client = await new StateClient().subscribe(server, '/l/*')
    for (let n = 0; n < 5; n++) {
      await call('POST', '/l/*', n)
      expect(((await get('/l/*')) as unknown[]).length).toBeLessThanOrEqual(3)
    }
    const numbers = async () => ((await get('/l/*')) as { data: number }[]).map(({ data }) => data)
    expect(await numbers()).toEqual([4, 3, 2])
    await tree.push('l/*', 5)
    await call('POST', '/l/*', 6)
    expect(await numbers()).toEqual([6, 5, 4])
    expect(client.value).toEqual(await get('/l/*'))
    expect((await tree.keys()).total).toBe(3)
  })

  it('can show the list oldest first', async () => {
    const { call, get, server } = await served({ 'l/*': { limit: { count: 3, order: 'oldest' } } })
    const client = await new StateClient().subscribe(server, '/l/*')
    for (let n = 0; n < 5; n++) await call('POST', '/l/*', n)
    expect(await get('/l/*')).toMatchObject([{ data: 2 }, { data: 3 }, { data: 4 }])
    expect(client.value).toEqual(await get('/l/*'))
  })

  it('on the age deletes when the time has come, with no write', async () => {
    const runtime = handDriven()
    const { call, get, server } = await served(
      { 'l/*': { limit: { age: 5_000 } } },
      { runtime },
      { runtime },
    )
    const client = await new StateClient().subscribe(server, '/l/*')
    await call('POST', '/l/1', 1)
    runtime.pass(3_000)
    await call('POST', '/l/2', 2)
    runtime.pass(2_500)
    await expect.poll(() => get('/l/*')).toMatchObject([{ data: 2 }])
    expect(client.value).toEqual(await get('/l/*'))
    await call('POST', '/l/3', 3)
    runtime.pass(60_000)
    await expect.poll(() => get('/l/*')).toEqual([])
    expect(client.value).toEqual([])
  })

  it('can change, and is asked again after a while', async () => {
    const runtime = handDriven()
    let count = 5
    const { call, get } = await served(
      { 'l/*': { limit: { count: () => count, cleanup: 60_000 } } },
      { runtime },
      { runtime },
    )
    for (let n = 0; n < 8; n++) await call('POST', '/l/*', n)
    expect(await get('/l/*')).toHaveLength(5)
    count = 2
    runtime.pass(60_000)
    await expect.poll(() => get('/l/*')).toHaveLength(2)
  })

  it.each([Number.NaN, undefined, '3', Promise.resolve(3)])(
    'that says %o deletes nothing, and is logged',
    async (said) => {
      const warned: unknown[] = []
      const warn = (text: string, of: { error?: unknown } = {}) => warned.push([text, of.error])
      const logger = { debug() {}, info() {}, error() {}, warn }
      const limit = { count: (() => said) as () => number }
      const { call, get } = await served({ 'l/*': { limit } }, { logger })
      await call('POST', '/l/*', 1)
      await call('POST', '/l/*', 2)
      expect(await get('/l/*')).toHaveLength(2)
      const error = expect.objectContaining({ message: "the limit's count says no number" })
      expect(warned[0]).toEqual(['a limit could not be kept', error])
    },
  )

  it('is tried again when the storage failed', async () => {
    const runtime = handDriven()
    const tree = await openState({ runtime })
    opened.push(tree)
    let fails = 1
    const state = {
      snapshot: () => tree.snapshot('l/*'),
      observe: tree.observe.bind(tree),
      write: tree.write.bind(tree),
      list: async (...asked: Parameters<typeof tree.list>) => {
        if (fails-- > 0) throw new Error('the disk sleeps')
        return tree.list(...asked)
      },
    } as unknown as State
    const warned: unknown[] = []
    const logger = { debug() {}, info() {}, error() {}, warn: (text: string) => warned.push(text) }
    const filters = { 'l/*': { limit: { age: 1_000 } } }
    await tree.push('l/*', 1)
    opened.push(stateServer(state, { filters, runtime, logger }))
    await expect.poll(() => warned).toEqual(['a limit could not be kept'])
    runtime.pass(5_001)
    await expect.poll(() => tree.list('l/*')).toEqual([])
  })

  it('holds for what was there before', async () => {
    const tree = await openState()
    opened.push(tree)
    for (let n = 0; n < 5; n++) await tree.push('l/*', n)
    const server = stateServer(tree, { filters: { 'l/*': { limit: { count: 1 } } } })
    opened.unshift(server)
    await expect.poll(() => tree.list('l/*')).toHaveLength(1)
  })
})

it('beforeRead and middleware stand around requests', async () => {
  const read: string[] = []
  const { call, server } = await served(
    {},
    {
      beforeRead: (path) => {
        read.push(path)
        if (path === 'no') throw new Error('not now')
      },
      middleware: async (request, next) => {
        if (request.url.endsWith('/mine')) return new Response('mine')
        if (request.url.endsWith('/broken')) throw new Error('boom')
        const response = await next(request)
        response.headers.set('x-seen', 'yes')
        return response
      },
    },
  )
  expect((await call('GET', '/mine')).text).toBe('mine')
  expect(await call('GET', '/broken')).toMatchObject({
    status: 500,
    text: expect.not.stringContaining('boom'),
  })
  expect((await call('POST', '/a', 1)).headers.get('x-seen')).toBe('yes')
  expect((await call('GET', '/a')).status).toBe(200)
  expect(await call('GET', '/no')).toMatchObject({ status: 400, text: 'not now\n' })
  await new StateClient().subscribe(server, '/b')
  await expect(new StateClient().subscribe(server, '/no')).rejects.toThrow('400 not now')
  expect(read).toEqual(['a', 'no', 'b', 'no'])
})

describe('options that make no sense', () => {
  it.each<[Record<string, unknown>, RegExp]>([
    [{ filters: { '/a': {} } }, /filters/],
    [{ filters: { a: { wirte: () => {} } } }, /filters\["a"\]/],
    [{ filters: { a: { write: 1 } } }, /write must be a function/],
    [{ filters: { a: { limit: { count: 1 } } } }, /limit must be on a list/],
    [{ filters: { 'a*': { open: true } } }, /whole segment, not "a\*"/],
    [{ filters: { 'a/b*/*': { open: true } } }, /whole segment/],
    [{ filters: { 'a/*': { limit: {} } } }, /with a count or an age/],
    [{ filters: { 'a/*': { limit: { count: 0 } } } }, /count/],
    [{ filters: { 'a/*': { limit: { age: 5, cleanup: 5 } } } }, /cleanup/],
    [{ filters: { 'a/*': { limit: { count: 1, order: 'asc' } } } }, /order/],
    [{ cors: { origins: ['app.test'] } }, /origins/],
    [{ cors: { headers: ['a b'] } }, /headers/],
    [{ bodyBytes: 0 }, /bodyBytes/],
    [{ deadline: 0 }, /deadline/],
    [{ static: 1 }, /static/],
    [{ middleware: 1 }, /middleware/],
    [{ noBroadcastKeys: ['//'] }, /noBroadcastKeys/],
  ])('%j', async (options, words) => {
    const tree = await openState()
    opened.push(tree)
    expect(() => stateServer(tree, options as StateServerOptions)).toThrow(words)
  })
})
