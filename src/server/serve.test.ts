import { getEventListeners, once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { describe, expect, it, vi } from 'vitest'
import { RejoinError } from '../errors/index.ts'
import { handDriven } from '../transport/fixtures/hand-driven.ts'
import { everything, idsIn, logOf, pushOf, someOrigin } from '../transport/fixtures/logs.ts'
import { httpTransport, logHandler } from '../transport/http/index.ts'
import { start } from '../version/index.ts'
import { served } from './fixtures/served.ts'
import { type Mount, serve } from './index.ts'

describe('a served log', () => {
  it('syncs over a real connection, packed or not', async () => {
    const log = await logOf('hub')
    await using server = await served({ '/sync': logHandler(log) })
    for (const [at, compress] of [true, false].entries()) {
      const laptop = await logOf(`laptop${at}`)
      const ids = Array.from({ length: 50 }, (_, index) => `${at}-${index}`)
      await laptop.append(ids.map((id) => ({ id, type: 'T', aggregateId: id, data: { id } })))
      await using transport = httpTransport({ url: server.url, compress })
      const push = await pushOf(laptop)
      await transport.hello({ origin: push.origin })
      const pushed = await transport.push(push)
      expect(pushed.kind === 'applied' && pushed.receipts).toHaveLength(50)
      const page = await transport.pull(start, everything)
      expect(page.kind === 'page' && page.changes).toHaveLength(50 * (at + 1))
    }
    expect(await idsIn(log)).toHaveLength(100)
  })

  it('is one of several, the longest path first', async () => {
    await using server = await served({
      '/sync': logHandler(await logOf('main')),
      '/sync/logs/orders': logHandler(await logOf('orders'), { base: '/sync/logs/orders' }),
    })
    const nodeAt = async (path: string) => {
      await using transport = httpTransport({ url: `${server.url}${path}` })
      return (await transport.hello({ origin: someOrigin })).node
    }
    expect(await nodeAt('/sync')).toBe('main')
    expect(await nodeAt('/sync/logs/orders')).toBe('orders')
    await expect(nodeAt('/synclogs')).rejects.toMatchObject({ code: 'not_found' })
  })

  it('tells at its root what is here, and that it runs', async () => {
    await using server = await served(
      { '/sync': logHandler(await logOf('hub')) },
      { tokens: ['secret'] },
    )
    const health = await fetch(`${server.url}/health`)
    expect([health.status, await health.json()]).toEqual([200, { status: 'ok' }])
    expect((await fetch(server.url)).status).toBe(401)
    const headers = { authorization: 'Bearer secret' }
    const about = await fetch(server.url, { headers })
    expect(await about.json()).toEqual({
      name: 'rejoin',
      version: expect.stringMatching(/^\d/),
      links: { health: '/health', logs: ['/sync'] },
    })
    const head = await fetch(server.url, { method: 'HEAD', headers })
    expect([head.status, await head.text()]).toEqual([200, ''])
    expect((await fetch(`${server.url}/health`, { method: 'POST', headers })).status).toBe(404)
  })

  it('wants its token', async () => {
    await using server = await served(
      { '/sync': logHandler(await logOf('hub')) },
      { tokens: ['secret'] },
    )
    const hello = (headers?: HeadersInit) =>
      httpTransport({ url: server.url, ...(headers && { headers }) }).hello({ origin: someOrigin })
    await expect(hello()).rejects.toMatchObject({ code: 'unauthorized' })
    await expect(hello({ authorization: 'Bearer wrong' })).rejects.toMatchObject({
      code: 'unauthorized',
    })
    expect(await hello({ authorization: 'Bearer secret' })).toMatchObject({ node: 'hub' })
  })

  it('answers no web page from elsewhere', async () => {
    await using server = await served({ '/sync': logHandler(await logOf('hub')) })
    const status = async (headers: Record<string, string>) => {
      const path = '/sync/hello'
      const request = httpRequest({ host: '127.0.0.1', port: server.port, path, headers }).end()
      const [response] = await once(request, 'response')
      response.resume()
      return response.statusCode
    }
    expect(await status({ host: 'rebound.test' })).toBe(403)
    expect(await status({ origin: 'http://evil.test' })).toBe(403)
    expect(await status({ host: `localhost:${server.port}` })).toBe(200)
  })
})

describe('a signal', () => {
  const reason = new Error('changed my mind')

  it('that has aborted, or does so before the server listens, lets nothing be served', async () => {
    const early = serve({ mounts: {}, port: 0, signal: AbortSignal.abort(reason) })
    await expect(early).rejects.toBe(reason)
    const controller = new AbortController()
    const gone = await served({})
    const { port } = gone
    await gone.close()
    const late = serve({ mounts: {}, port, signal: controller.signal })
    controller.abort(reason)
    await expect(late).rejects.toBe(reason)
    await vi.waitFor(() => expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow())
  })

  it('closes the server as close does, and is no longer listened to afterwards', async () => {
    const controller = new AbortController()
    const { signal } = controller
    await using server = await served({}, { signal })
    expect((await fetch(`${server.url}/health`)).status).toBe(200)
    controller.abort(reason)
    await server.close()
    await expect(fetch(server.url)).rejects.toThrow()
    const other = new AbortController()
    await (await served({}, { signal: other.signal })).close()
    expect(getEventListeners(other.signal, 'abort')).toEqual([])
  })
})

describe('an address that cannot be had', () => {
  it('is named, and why', async () => {
    await using server = await served({})
    const { port } = server
    const taken = served({}, { port })
    await expect(taken).rejects.toMatchObject({
      code: 'invalid_argument',
      message: `can't listen on 127.0.0.1:${port}: the port is in use`,
    })
    await expect(served({}, { host: '192.0.2.1', insecure: true })).rejects.toThrow(
      "can't listen on 192.0.2.1:0: this machine has no such address",
    )
    await expect(served({}, { host: 'no-such-host.invalid', insecure: true })).rejects.toThrow(
      /can't listen on no-such-host\.invalid:0: no(t| such) /,
    )
    await expect(served({}, { port: 70_000 })).rejects.toThrow('70000 is not a port')
  })

  it('may be written as in a URL', async () => {
    await using server = await served({}, { host: '[::1]' })
    expect(server.url).toBe(`http://[::1]:${server.port}`)
    expect((await fetch(`${server.url}/health`)).status).toBe(200)
  })

  it.each(['sync', '/', '/sync/', '/a b', ''])('mounts nothing at "%s"', async (path) => {
    const mount = () => new Response()
    await expect(served({ [path]: mount })).rejects.toMatchObject({ code: 'invalid_argument' })
  })

  it('is not even tried where the door would be open', async () => {
    await expect(served({}, { host: '0.0.0.0' })).rejects.toBeInstanceOf(RejoinError)
  })
})

describe('close', () => {
  it('takes nothing new, lets what is under way finish, and ends idle connections', async () => {
    let finish: (() => void) | undefined
    const slow: Mount = () =>
      new Promise((resolve) => {
        finish = () => resolve(new Response('done'))
      })
    await using server = await served({ '/slow': slow })
    await (await fetch(`${server.url}/health`)).text()
    const call = fetch(`${server.url}/slow`)
    await vi.waitFor(() => expect(finish).toBeDefined())
    const closed = server.close()
    expect(server.close()).toBe(closed)
    await vi.waitFor(() => expect(fetch(`${server.url}/health`)).rejects.toThrow())
    finish?.()
    const response = await call
    expect([response.headers.get('connection'), await response.text()]).toEqual(['close', 'done'])
    await closed
  })

  it('waits for no connection on which nothing was asked', async () => {
    await using server = await served({}, { runtime: handDriven() })
    const socket = connect(server.port, '127.0.0.1')
    const ended = new Promise((resolve) => socket.once('close', resolve))
    await new Promise((resolve) => socket.once('connect', resolve))
    // Later connections are taken later: once this one has an answer, the server knows the other.
    await (await fetch(`${server.url}/health`)).text()
    await server.close()
    await ended
  })

  it('ends what has not finished by its deadline', async () => {
    const runtime = handDriven()
    await using server = await served(
      { '/never': () => new Promise(() => {}) },
      { runtime, grace: 5_000 },
    )
    const call = expect(fetch(`${server.url}/never`)).rejects.toThrow()
    await new Promise((resolve) => setTimeout(resolve, 50))
    const closed = server.close()
    runtime.pass(5_000)
    await closed
    await call
  })
})
