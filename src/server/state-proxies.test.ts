import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { servedState } from '../state/fixtures/served.ts'
import { StateClient } from '../state/fixtures/state-client.ts'
import {
  openState,
  type StateProxy,
  type StateServerOptions,
  type StateTree,
  stateServer,
} from '../state/index.ts'
import { serve } from './index.ts'

const opened: (() => unknown)[] = []
afterEach(async () => {
  for (const close of opened.splice(0).toReversed()) await close()
})

/** A server there, and one here that answers some paths with it. */
async function proxied(
  proxies: Record<string, Omit<StateProxy, 'url'>>,
  options: StateServerOptions = {},
) {
  const there = await remote()
  const all = Object.entries(proxies).map(([path, one]) => [path, { url: there.url, ...one }])
  const here = await servedState({ proxies: Object.fromEntries(all), ...options })
  opened.push(() => here[Symbol.asyncDispose]())
  return { here, there }
}

async function remote(
  tokens: readonly string[] = [],
): Promise<{ url: string; tree: StateTree; close(): Promise<void> }> {
  const tree = await openState()
  const state = stateServer(tree)
  const { url, close } = await serve({ mounts: {}, state, port: 0, tokens })
  opened.push(
    () => tree.close(),
    () => state.close(),
    close,
  )
  return { url, tree, close }
}

describe('paths that stand in another server', () => {
  it('are read and written there, under their names here', async () => {
    const { here, there } = await proxied({ 'far/*': { path: 'sites/1/*' }, config: {} })
    const { call, get } = here
    const { text } = await call('POST', '/far/*', '{"n":1777636800000000001}')
    const { index } = JSON.parse(text)
    const object = await there.tree.get(`sites/1/${index}`)
    expect((await call('GET', `/far/${index}`)).text).toBe(
      object?.text.replace(`sites/1/${index}`, `far/${index}`),
    )
    await call('POST', '/far/x', { a: 1 })
    expect((await call('PATCH', '/far/x', { a: 2 })).status).toBe(200)
    const merge = { headers: { 'content-type': 'application/merge-patch+json' } }
    expect((await call('PATCH', '/far/x', '{"b":null,"c":1}', merge)).status).toBe(200)
    expect((await there.tree.get('sites/1/x'))?.data).toEqual({ a: 2, c: 1 })
    expect(await get('/far/*')).toMatchObject([{ path: 'far/x', index: 'x' }, { index }])
    expect((await call('DELETE', '/far/x')).status).toBe(204)
    expect(await call('GET', '/far/x')).toMatchObject({ status: 404 })
    expect(await call('PATCH', '/far/x', {})).toMatchObject({
      status: 404,
      text: 'nothing stands at sites/1/x\n',
    })
    expect((await call('POST', '/far/y', '{')).status).toBe(400)
    await call('POST', '/config', 1)
    expect((await there.tree.get('config'))?.data).toBe(1)
    expect((await here.tree.keys()).total).toBe(0)
    const may = { canRead: true, canWrite: true, canDelete: true }
    expect(await get('/?api=proxies')).toMatchObject([
      { localPath: 'far/*', type: 'list', ...may, url: there.url, remotePath: 'sites/1/*' },
      { localPath: 'config', type: 'single', ...may },
    ])
  })

  it('are subscribed to there, under their names here', async () => {
    const { here, there } = await proxied({
      'far/*': { path: 'sites/1/*' },
      one: { path: 'sites/1/x' },
    })
    await there.tree.set('sites/1/old', { large: 'x'.repeat(1_000) })
    const [list, one] = [new StateClient(), new StateClient()]
    await list.subscribe(here.server, '/far/*')
    await one.subscribe(here.server, '/one')
    await expect.poll(() => list.value).toMatchObject([{ path: 'far/old' }])
    await expect.poll(() => one.value).toMatchObject({ created: 0 })
    await there.tree.set('sites/1/x', { n: 1, path: 'sites/1/y' })
    await there.tree.patch('sites/1/x', { n: 2 })
    const shown = (path: string) => async () => JSON.parse((await here.call('GET', path)).text)
    await expect.poll(() => one.value).toMatchObject({ path: 'one', index: 'one', data: { n: 2 } })
    expect(one.value).toEqual(await shown('/one')())
    await expect.poll(() => list.value).toEqual(await shown('/far/*')())
    expect(list.told.some(({ snapshot }) => !snapshot)).toBe(true)
    await there.tree.delete('sites/1/*')
    await expect.poll(() => list.value).toEqual([])
    list.peer?.gone()
    await expect
      .poll(async () => (await (await fetch(`${there.url}/?api=state`)).json()).pools)
      .toHaveLength(1)
  })

  it('bring no snapshot to who comes back with a version of there', async () => {
    const { here, there } = await proxied({ 'far/*': {} })
    await there.tree.set('far/1', 1)
    const first = await new StateClient().subscribe(here.server, '/far/*')
    await expect.poll(() => first.told).toHaveLength(1)
    const again = new StateClient()
    again.value = structuredClone(first.value)
    await again.subscribe(here.server, `/far/*?v=${first.version}`)
    await there.tree.set('far/2', 2)
    await expect.poll(() => again.value).toMatchObject([{ data: 2 }, { data: 1 }])
    expect(again.told).toHaveLength(1)
  })

  it('come with the token of there', async () => {
    const there = await remote(['secret'])
    const answers = async (token?: string) => {
      const proxy = { url: there.url, ...(token !== undefined && { token }) }
      await using here = await servedState({ proxies: { 'far/*': proxy } })
      const { status } = await here.call('GET', '/far/*')
      const client = new StateClient().subscribe(here.server, '/far/*')
      return [
        status,
        await client.then(
          () => 'open',
          (error) => String(error).slice(0, 10),
        ),
      ]
    }
    expect(await answers('secret')).toEqual([200, 'open'])
    expect(await answers()).toEqual([401, 'Error: 502'])
  })

  it('can be named by a function, many here for one there', async () => {
    const [one, two] = [await remote(), await remote()]
    const urls: Record<string, string> = { d1: one.url, d2: two.url }
    const url = (device = '') => {
      const found = urls[device]
      if (found === undefined) throw new Error(`no device ${device}`)
      return found
    }
    await using here = await servedState({
      proxies: {
        'settings/*': (path) => ({ url: url(path.split('/')[1]), path: 'settings' }),
        'items/*/*': (path) => {
          const [, device, item = ''] = path.split('/')
          return { url: url(device), path: `items/${item}` }
        },
      },
    })
    await here.call('POST', '/settings/d1', 1)
    await here.call('POST', '/settings/d2', 2)
    expect([
      (await one.tree.get('settings'))?.data,
      (await two.tree.get('settings'))?.data,
    ]).toEqual([1, 2])
    expect(await here.get('/settings/d2')).toMatchObject({
      path: 'settings/d2',
      index: 'd2',
      data: 2,
    })
    const list = await new StateClient().subscribe(here.server, '/items/d1/*')
    await one.tree.set('items/x', 'new')
    await expect.poll(() => list.value).toMatchObject([{ path: 'items/d1/x', data: 'new' }])
    expect(await here.get('/items/d1/*')).toEqual(list.value)
    expect(await here.call('GET', '/settings/d3')).toMatchObject({
      status: 400,
      text: 'no device d3\n',
    })
    // Two lists there have no one list here.
    expect((await here.call('GET', '/settings/*')).status).toBe(400)
  })

  it('get 502 when that server is gone, and subscribers are told to come back', async () => {
    const { here, there } = await proxied({ 'far/*': {} })
    const client = await new StateClient().subscribe(here.server, '/far/*')
    await there.close()
    await expect.poll(() => client.closed).toMatchObject({ code: 1001 })
    expect((await here.call('GET', '/far/*')).status).toBe(502)
    expect((await here.call('POST', '/far/1', 1)).status).toBe(502)
    await expect(new StateClient().subscribe(here.server, '/far/*')).rejects.toThrow(/502/)
  })

  it('get 502 for what makes no sense', async () => {
    const server = createServer((_, response) => response.end('<html>'))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    opened.push(() => server.close())
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    await using here = await servedState({ proxies: { a: { url } } })
    expect((await here.call('GET', '/a')).status).toBe(502)
    await expect(new StateClient().subscribe(here.server, '/a')).rejects.toThrow(/502/)
    server.closeAllConnections()
  })

  it('end with the server here', async () => {
    const { here, there } = await proxied({ 'far/*': {} })
    const client = await new StateClient().subscribe(here.server, '/far/*')
    await here.server.close()
    expect(client.closed).toMatchObject({ code: 1001 })
    await expect
      .poll(async () => (await (await fetch(`${there.url}/?api=state`)).json()).pools)
      .toEqual([])
  })

  it.each<[Record<string, StateProxy>, RegExp]>([
    [{ '/a': { url: 'http://x' } }, /proxies/],
    [{ 'a/*': { url: 'http://x', path: 'b' } }, /as many \*/],
    [{ a: { url: 'ftp://x' } }, /an address/],
    [{ a: { url: 'http://user:secret@x' } }, /an address/],
    [{ a: { url: 'http://x', token: 'a b' } }, /token/],
  ])('that make no sense are refused: %j', async (proxies, words) => {
    await using tree = await openState()
    expect(() => stateServer(tree, { proxies })).toThrow(words)
    expect(() => stateServer(tree, { proxies })).not.toThrow(/secret/)
  })
})
