import { describe, expect, expectTypeOf, it } from 'vitest'
import type { LogEvent } from '../event/index.ts'
import { serve } from '../server/index.ts'
import { MemoryStore } from '../store/memory/index.ts'
import { SyncNode } from '../sync/index.ts'
import { logHandler } from '../transport/http/index.ts'
import { memoryTransport } from '../transport/memory/index.ts'
import { type LogSockets, logSockets } from '../transport/websocket/index.ts'
import { httpClientNode, httpServerNode, inMemoryNode } from './index.ts'

const note = (id: string) => ({ id, type: 'noted', aggregateId: 'a' })

describe('a node that is told over a WebSocket', () => {
  it('calls over HTTP, with the same token', async () => {
    const hub = await MemoryStore.open({ node: 'hub' })
    const served = {
      mounts: { '/sync': logHandler(hub) },
      sockets: { '/sync/ws': logSockets(hub) },
    }
    await using server = await serve({ ...served, tokens: ['secret'], port: 0 })
    const headers = { authorization: 'Bearer secret' }
    const store = await MemoryStore.open()
    const live = { live: 'websocket', realtime: true } as const
    await using node = httpClientNode({ store, url: server.url, headers, ...live })
    const [sent, told] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    node.subscribe(({ pushed, pulled }) => {
      if (pushed > 0) sent.resolve()
      if (pulled > 0) told.resolve()
    })
    await node.append([note('ours')])
    node.startAutoSync()
    await sent.promise
    // By itself it would ask in half a minute.
    await hub.append([note('theirs')])
    await told.promise
  })

  it.each([
    ['over a WebSocket where the server has them', true, true, 'websocket'],
    ['over server-sent events where a proxy refuses the upgrade', true, false, 'sse'],
    ['over server-sent events where the server has nothing else', false, false, 'sse'],
  ])('by itself is told %s', async (_, offers, passes, way) => {
    const hub = await MemoryStore.open({ node: 'hub' })
    const handler = logHandler(hub)
    const streamed = Promise.withResolvers<'sse'>()
    const opened = Promise.withResolvers<'websocket'>()
    const sockets = offers ? logSockets(hub) : undefined
    const accept: LogSockets['accept'] = (socket) => {
      opened.resolve('websocket')
      return (sockets as LogSockets).accept(socket)
    }
    await using server = await serve({
      mounts: {
        '/sync': (request) => {
          if (request.headers.get('accept') === 'text/event-stream') streamed.resolve('sse')
          return handler(request)
        },
      },
      ...(passes && sockets && { sockets: { '/sync/ws': { ...sockets, accept } } }),
      port: 0,
    })
    const store = await MemoryStore.open()
    await using node = httpClientNode({ store, url: server.url, realtime: true, autoStart: true })
    const told = Promise.withResolvers<void>()
    node.subscribe(({ pulled }) => {
      if (pulled > 0) told.resolve()
    })
    expect(await Promise.race([streamed.promise, opened.promise])).toBe(way)
    await hub.append([note('theirs')])
    await told.promise
  })

  it('refuses an address that is none', async () => {
    const options = { store: await MemoryStore.open(), url: 'nowhere', live: 'websocket' } as const
    expect(() => httpClientNode(options)).toThrow('is not a URL')
  })
})

describe('a node in memory', () => {
  it('works at once; its syncs succeed and leave everything to be sent', async () => {
    await using node = await inMemoryNode()
    await node.append([note('1')])
    expect(await node.sync()).toMatchObject({ ok: true, pushed: 0, pulled: 0 })
    expect((await node.status()).links).toMatchObject([{ unsynced: 1n }])
  })

  it('syncs under a filter too', async () => {
    await using node = await inMemoryNode({ filter: { types: ['noted'] } })
    await node.append([note('1')])
    expect(await node.sync()).toMatchObject({ ok: true, pushed: 0, pulled: 0 })
  })

  it('takes the options of the node and of its store', async () => {
    const hub = await MemoryStore.open()
    await using node = await inMemoryNode({
      node: 'kitchen',
      transport: memoryTransport(hub),
      pushOnly: true,
    })
    await hub.append([note('theirs')])
    await node.append([note('ours')])
    expect(await node.sync()).toMatchObject({ pushed: 1, pulled: 0 })
    expect((await node.status()).node).toBe('kitchen')
  })

  it('refuses what makes no sense, by name', async () => {
    await expect(inMemoryNode({ batchSize: 0 })).rejects.toMatchObject({
      code: 'invalid_argument',
      message: expect.stringContaining('batchSize'),
    })
  })
})

describe('a client and a server over HTTP', () => {
  it('sync', async () => {
    const { node: server, handler } = httpServerNode({
      store: await MemoryStore.open(),
      base: '/s',
    })
    await using client = httpClientNode({
      store: await MemoryStore.open(),
      url: 'http://hub.test/s',
      retry: false,
      fetch: (input, init) => handler(new Request(input, init)),
    })
    await server.append([note('theirs')])
    await client.append([note('ours')])
    expect(await client.sync()).toMatchObject({ ok: true, pushed: 1, pulled: 1 })
    expect((await server.status()).events).toBe(2n)
    await server.close()
    expect(await client.sync()).toMatchObject({ ok: false, errors: [{ retryable: true }] })
  })

  it('pass each option to whom it concerns', async () => {
    const asked: (string | null)[] = []
    const { node, handler } = httpServerNode({
      store: await MemoryStore.open(),
      authorize: (request) => {
        asked.push(request.headers.get('authorization'))
        return false
      },
    })
    await using client = httpClientNode({
      store: await MemoryStore.open(),
      url: 'http://hub.test',
      headers: { authorization: 'Bearer x' },
      fetch: (input, init) => handler(new Request(input, init)),
    })
    expect(await client.sync()).toMatchObject({ ok: false, errors: [{ code: 'unauthorized' }] })
    expect(asked).toEqual(['Bearer x'])
    await node.close()
  })

  it('refuse what makes no sense, by name', async () => {
    const store = await MemoryStore.open()
    const options = { store, url: 'http://hub.test', retry: { tries: 0 } }
    expect(() => httpClientNode(options)).toThrow(/retry\.tries/)
    expect(() => httpClientNode({ ...options, url: 'hub.test' })).toThrow(/url/)
    expect(() => httpServerNode({ store, base: 'x' })).toThrow(/base/)
    expect(() => httpServerNode({ store, timeout: 0 })).toThrow(/timeout/)
  })
})

it('the event types of a preset are those of its node', async () => {
  const node = await inMemoryNode<{ Paid: { readonly cents: number } }>()
  expectTypeOf(node).toEqualTypeOf<SyncNode<{ Paid: { readonly cents: number } }>>()
  // @ts-expect-error: no such type
  await node.append([{ type: 'Lost', aggregateId: 'a' }])
  const untyped = httpServerNode({ store: await MemoryStore.open() }).node
  for await (const event of untyped.readAggregate('a')) expectTypeOf(event).toExtend<LogEvent>()
  expect(untyped).toBeInstanceOf(SyncNode)
})
