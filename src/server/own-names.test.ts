import { gzipSync } from 'node:zlib'
import { expect, it, onTestFinished } from 'vitest'
import { reservedNames } from '../contracts/index.ts'
import { openState, stateServer } from '../state/index.ts'
import { logOf } from '../transport/fixtures/logs.ts'
import { logHandler } from '../transport/http/index.ts'
import { logSockets } from '../transport/websocket/index.ts'
import { serve } from './index.ts'

const log = await logOf('hub')

it.each([
  [['mine'], 'health', '/health'],
  [['health', 'mine'], 'sync', '/sync'],
  [reservedNames, 'logs', '/logs/one'],
])(
  'a tree that reserves %j is refused: an object in %s could never be read',
  async (reserved, name, at) => {
    const state = stateServer(await treeOf(reserved))
    const mount = at === '/health' ? '/sync' : at
    const serving = serve({ mounts: { [mount]: logHandler(log, { base: mount }) }, state, port: 0 })
    await expect(serving).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringMatching(
        `^state must reserve "${name}", because .* answers ${at} itself`,
      ),
    })
  },
)

it('what this server answers by a socket alone is reserved as well; what begins with _ never is a path', async () => {
  const state = stateServer(await treeOf(reservedNames))
  const sockets = { '/live/ws': logSockets(log) }
  await expect(serve({ mounts: {}, sockets, state, port: 0 })).rejects.toThrow('reserve "live"')
  const mounts = { '/_logs': logHandler(log, { base: '/_logs' }) }
  await using server = await serve({ mounts, state, port: 0 })
  expect((await fetch(`${server.url}/_logs/hello`)).status).toBe(200)
})

it('X1: who writes state where a log stands is told so, and a log of its own answers as it did', async () => {
  const state = stateServer(await treeOf(reservedNames))
  const mounts = { '/sync': logHandler(log) }
  await using both = await serve({ mounts, state, port: 0 })
  await using alone = await serve({ mounts, port: 0 })
  const post = (url: string, path: string) => fetch(`${url}${path}`, { method: 'POST', body: '1' })
  const told = await post(both.url, '/sync/x')
  expect([told.status, await told.json()]).toEqual([
    404,
    { error: 'not found: nothing answers at /sync/x, and what is below /sync is no path of state' },
  ])
  expect(await (await post(alone.url, '/sync/x')).json()).toEqual({ error: 'not found' })
  const health = await post(both.url, '/health')
  expect([health.status, await health.text()]).toEqual([400, expect.stringContaining('reserved')])
  expect((await fetch(`${both.url}/sync/hello`)).status).toBe(200)
})

it('what an application mounts beside state answers 404 in its own bytes', async () => {
  const state = stateServer(await treeOf(reservedNames))
  const bytes = Uint8Array.from([0xff, 0x00, 0xfe, 0x80])
  const packed = gzipSync('{"error":"not found"}')
  const app = (type: string, body: Uint8Array<ArrayBuffer>, coding?: string) => () => {
    const headers = { 'content-type': type, ...(coding && { 'content-encoding': coding }) }
    return new Response(body, { status: 404, headers })
  }
  const mounts = {
    '/sync/picture': app('image/png', bytes),
    '/sync/packed': app('application/json', packed, 'gzip'),
  }
  await using server = await serve({ mounts, state, port: 0 })
  const picture = await fetch(`${server.url}/sync/picture`)
  expect([picture.status, await picture.bytes()]).toEqual([404, bytes])
  expect(await (await fetch(`${server.url}/sync/packed`)).json()).toEqual({ error: 'not found' })
})

async function treeOf(reserved: readonly string[]) {
  const tree = await openState({ reserved })
  onTestFinished(() => tree.close())
  return tree
}
