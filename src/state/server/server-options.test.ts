import { describe, expect, it } from 'vitest'
import { closedWithTest, servedHere } from '../fixtures/served-here.ts'
import { StateClient } from '../fixtures/state-client.ts'
import { openState, type StateServerOptions, stateServer } from '../index.ts'

it('beforeRead and middleware stand around requests', async () => {
  const read: string[] = []
  const { call, server } = await servedHere({
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
  })
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
    closedWithTest(tree)
    expect(() => stateServer(tree, options as StateServerOptions)).toThrow(words)
  })
})
