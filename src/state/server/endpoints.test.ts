import * as v from 'valibot'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { handDriven } from '../../transport/fixtures/hand-driven.ts'
import { servedHere } from '../fixtures/served-here.ts'
import { defineMethod, openState, type StateServerOptions, stateServer } from '../index.ts'

const things = {
  '/things/{id}': {
    description: 'one thing',
    methods: {
      POST: defineMethod({
        params: z.object({ id: z.coerce.number(), loud: z.string().optional() }),
        body: z.object({ name: z.string(), size: z.number().default(3) }),
        response: z.object({ text: z.string() }),
        handle: async ({ params: { id, loud }, body: { name, size }, state }) => {
          await state.set(`things/${id}`, name)
          return { text: `${id + 1} ${loud ?? 'quiet'} ${name.toUpperCase()} ${size}` }
        },
      }),
      DELETE: defineMethod({ handle: () => undefined }),
      GET: defineMethod({ handle: ({ params }) => Response.json(params, { status: 201 }) }),
    },
  },
  '/things/special': {
    methods: {
      POST: defineMethod({ body: v.object({ n: v.number() }), handle: ({ body }) => body.n * 2 }),
      GET: defineMethod({
        handle: () => {
          throw new Error('not special enough')
        },
      }),
    },
  },
}

describe('an endpoint', () => {
  it('gets what its schemas make of the request', async () => {
    const { call, tree } = await servedHere({ endpoints: things })
    const answer = await call('POST', '/things/41?loud=LOUD', { name: 'x' })
    expect([answer.status, answer.text]).toEqual([200, '{"text":"42 LOUD X 3"}'])
    expect((await tree.get('things/41'))?.data).toBe('x')
    expect(await call('POST', '/things/special', { n: 2 })).toMatchObject({
      status: 200,
      text: '4',
    })
    expect((await call('DELETE', '/things/1')).status).toBe(204)
    expect(await call('GET', '/things/a%20b?q=1')).toMatchObject({
      status: 201,
      text: '{"q":"1","id":"a b"}',
    })
  })

  it.each<[string, string, unknown, number, RegExp]>([
    ['POST', '/things/x', { name: 'x' }, 400, /params: id: /],
    ['POST', '/things/1', { nom: 'x' }, 400, /body: name: /],
    ['POST', '/things/1', '{', 400, /no JSON/],
    ['POST', '/things/special', { n: 'x' }, 400, /body: n: /],
    ['GET', '/things/special', undefined, 400, /not special enough/],
    ['GET', '/things/%ff', undefined, 400, /UTF-8/],
    ['PUT', '/things/1', '1', 405, /POST, DELETE, GET/],
    ['POST', '/things/1', `"${'x'.repeat(2_000)}"`, 413, /larger/],
  ])('X1: refuses %s %s %j', async (method, path, body, status, words) => {
    const { call, tree } = await servedHere({ endpoints: things, bodyBytes: 1_000 })
    expect(await call(method, path, body)).toMatchObject({
      status,
      text: expect.stringMatching(words),
    })
    expect((await tree.keys()).total).toBe(0)
  })

  it('may let pages from elsewhere read headers of its own', async () => {
    const headers = { 'x-mine': '1', 'access-control-expose-headers': 'x-mine' }
    const handle = () => new Response(null, { headers })
    const endpoints = { '/mine': { methods: { GET: defineMethod({ handle }) } } }
    const { server } = await servedHere({ endpoints, cors: { origins: '*' } })
    const { headers: told } = await server.handle(new Request('http://localhost/mine'))
    const exposed = told.get('access-control-expose-headers')?.split(', ')
    expect(exposed).toEqual(expect.arrayContaining(['x-mine', 'retry-after', 'rejoin-as-of']))
  })

  it('leaves all other paths to the tree', async () => {
    const { call } = await servedHere({ endpoints: things })
    expect((await call('POST', '/things/a/b', 1)).status).toBe(200)
    expect((await call('GET', '/things')).status).toBe(404)
  })

  it('is told of, with JSON Schema where its library has it', async () => {
    const { get } = await servedHere({ endpoints: things })
    expect(await get('/?api=endpoints')).toMatchObject([
      {
        path: '/things/special',
        description: '',
        methods: [{ method: 'POST' }, { method: 'GET' }],
      },
      {
        path: '/things/{id}',
        description: 'one thing',
        vars: { id: 'id' },
        methods: [
          {
            method: 'POST',
            request: {
              type: 'object',
              properties: { name: { type: 'string' } },
              required: ['name'],
            },
            response: { type: 'object', required: ['text'] },
          },
          { method: 'DELETE' },
          { method: 'GET' },
        ],
      },
    ])
  })

  it.each<[unknown, RegExp]>([
    [{ things: { methods: {} } }, /path such as/],
    [{ '/a': {} }, /methods/],
    [{ '/a': { methods: { get: {} } } }, /method such as GET/],
    [{ '/a': { methods: { GET: {} } } }, /handle/],
    [{ '/a': { methods: { GET: { handle() {}, body: {} } } } }, /a schema/],
  ])('that makes no sense is refused: %j', async (endpoints, words) => {
    await using tree = await openState()
    expect(() => stateServer(tree, { endpoints } as StateServerOptions)).toThrow(words)
  })
})

describe('closing', () => {
  it('asks before and after, once', async () => {
    const order: string[] = []
    const { server } = await servedHere({
      beforeClose: async () => {
        await Promise.resolve()
        order.push('before')
      },
      onUnsubscribe: () => order.push('unsubscribed'),
      afterClose: () => order.push('after'),
    })
    const answer = await server.admit(new Request('http://localhost/a'))
    if (answer instanceof Response) throw new Error('refused')
    answer.accept({ bufferedAmount: 0, send() {}, ping() {}, close() {}, terminate() {} })
    await Promise.all([server.close(), server.close()])
    expect(order).toEqual(['before', 'unsubscribed', 'after'])
  })

  it('waits for no hook longer than its budget', async () => {
    const runtime = handDriven()
    const aborted: unknown[] = []
    const { server } = await servedHere({
      runtime,
      closeBudget: 1_000,
      beforeClose: (signal) => {
        signal.addEventListener('abort', () => aborted.push(signal.reason))
        return new Promise(() => {})
      },
      afterClose: () => {
        throw new Error('boom')
      },
    })
    const closed = server.close()
    runtime.pass(1_000)
    await closed
    expect(aborted).toEqual([new Error('it took more than 1000 ms')])
  })
})
