import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { systemRuntime } from '../../runtime/index.ts'
import { PivotCalls, type PivotCallsOptions } from './calls.ts'
import { pooledFetch } from './node/pooled-fetch.ts'

/** A server that answers each request with the next of these. */
function answering(...answers: readonly (readonly [number, string])[]) {
  const asked: Request[] = []
  const options: Partial<PivotCallsOptions> = {
    fetch: async (input, init) => {
      asked.push(new Request(String(input), init))
      const [status, text] = answers[asked.length - 1] ?? [500, '']
      return new Response(text, { status })
    },
  }
  return { asked, calls: new PivotCalls({ address: '10.0.0.1:8080', ...options }) }
}

describe('the calls of protocol 2.0', () => {
  it('are asked as the original asks them', async () => {
    const list = '[{"created":1,"updated":2,"index":"a","path":"users/a","data":1}]\n'
    const { asked, calls } = answering(
      [200, '{"protocol":"2.0","package":"github.com/benitogf/pivot"}\n'],
      [200, '{"lastEntry":1767600000000000001}\n'],
      [200, list],
      [200, ''],
      [200, ''],
      [200, ''],
    )
    expect((await calls.version()).protocol).toBe('2.0')
    expect(await calls.activity('users/*')).toBe(1_767_600_000_000_000_001n)
    expect(await calls.list('users/*')).toHaveLength(1)
    await calls.set('users/a', '{}')
    await calls.delete('users/a', 1_767_600_000_000_000_003n)
    await calls.synchronize('users/*')
    const base = 'http://10.0.0.1:8080/_pivot'
    expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual([
      `GET ${base}/version`,
      `GET ${base}/activity/users`,
      `GET ${base}/pivot/users/*`,
      `POST ${base}/pivot/users/a`,
      `DELETE ${base}/pivot/users/a/1767600000000000003`,
      `GET ${base}/synchronize/pivot?key=users/*`,
    ])
    expect(asked.map(({ headers }) => headers.get('x-pivot-originator'))).toEqual(
      Array(6).fill(null),
    )
  })

  it('an absent object is a 404 of ours, and a 500 of the original that says so', async () => {
    const { calls } = answering([404, 'nothing'], [500, 'storage: not found'], [500, 'disk full'])
    expect(await calls.single('settings')).toBeUndefined()
    expect(await calls.single('settings')).toBeUndefined()
    await expect(calls.single('settings')).rejects.toMatchObject({ code: 'unavailable' })
  })

  it.each([
    [401, 'unauthorized', false],
    [403, 'forbidden', false],
    [404, 'not_found', false],
    [418, 'protocol', false],
    [429, 'unavailable', true],
    [500, 'unavailable', true],
    [302, 'protocol', false],
  ])('a %i is %s', async (status, code, retryable) => {
    const { calls } = answering([status, 'it says why'])
    await expect(calls.activity('users/*')).rejects.toMatchObject({ code, retryable })
  })

  it.each([
    ['version', '[1'],
    ['version', '1'],
    ['version', '<html>'],
    ['version', '{"ok":true}'],
    ['version', '{"protocol":""}'],
    ['activity', '{}'],
    ['activity', '{"lastEntry":"x"}'],
    ['list', '{}'],
    ['single', '[]'],
  ] as const)('%s: what is no answer of theirs is told: %s', async (call, text) => {
    const { calls } = answering([200, text])
    const answer = call === 'version' ? calls.version() : calls[call]('users/*')
    await expect(answer).rejects.toMatchObject({ code: 'protocol' })
  })

  it.each([
    [200, '<html>'],
    [200, '{"ok":true}'],
    [400, 'the path "_pivot/version" must begin with a letter'],
    [404, 'not found'],
    [405, 'method not allowed'],
  ])(
    'version: %i %s is of no server of a cluster, and what to do is said',
    async (status, text) => {
      const { calls } = answering([status, text])
      await expect(calls.version()).rejects.toMatchObject({
        code: 'protocol',
        message: `10.0.0.1:8080 answers, but is no server of a cluster (${status} for /_pivot/version): check host and port, or start that server with keys (rejoin serve --key)`,
      })
    },
  )

  it('too long an answer is not read to its end', async () => {
    const fetch = async () => new Response('x'.repeat(1_000))
    const calls = new PivotCalls({ address: '10.0.0.1:8080', fetch, answerBytes: 100 })
    await expect(calls.list('users/*')).rejects.toMatchObject({ code: 'too_large' })
  })

  it.each([
    [10_000, /no answer has begun in 10000 ms/],
    [30_000, /no answer within 30000 ms/],
  ])('ends after %i ms', async (limit, message) => {
    const timer = (ms: number, ring: () => void) => {
      if (ms === limit) systemRuntime.soon(ring)
      return { cancel() {} }
    }
    const fetch = () => new Promise<Response>(() => {})
    const runtime = { ...systemRuntime, timer }
    const calls = new PivotCalls({ address: '10.0.0.1:8080', fetch, runtime })
    await expect(calls.version()).rejects.toThrow(message)
  })

  it('ends when its caller has had enough, and when it is closed', async () => {
    const fetch = () => new Promise<Response>(() => {})
    const calls = new PivotCalls({ address: '10.0.0.1:8080', fetch })
    const enough = new AbortController()
    const given = calls.version(enough.signal)
    enough.abort(new Error('enough'))
    await expect(given).rejects.toThrow('enough')
    const open = calls.version()
    const refused = expect(open).rejects.toMatchObject({ code: 'closed' })
    await calls.close()
    await refused
    await calls.close()
  })
})

describe('the client that is built in', () => {
  it('says soon that nobody listens', async () => {
    const server = await listening(() => {})
    const { address } = server
    await server[Symbol.asyncDispose]()
    const calls = new PivotCalls({ address })
    await expect(calls.version()).rejects.toMatchObject({ code: 'network', retryable: true })
  })

  it('says what is wrong with a port where something else is spoken', async () => {
    await using server = await listening(() => {})
    server.server.on('connection', (socket) => socket.write('SSH-2.0-OpenSSH_9.9\r\n'))
    const calls = new PivotCalls({ address: server.address })
    await expect(calls.version()).rejects.toThrow(
      /: what answers there does not speak HTTP \(HPE_\w+\)$/,
    )
    await calls.close()
  })

  it('sends bodies and headers, and keeps its connections', async () => {
    const seen: string[] = []
    await using server = await listening((request, response) => {
      let body = ''
      request.on('data', (piece) => {
        body += piece
      })
      request.on('end', () => {
        const { 'x-pivot-originator': originator, authorization } = request.headers
        seen.push(`${request.method} ${request.url} ${originator} ${authorization} ${body}`)
        response.end('{"lastEntry":7}')
      })
    })
    const { address } = server
    const headers = { authorization: 'Bearer t' }
    const calls = new PivotCalls({ address, headers, originator: '10.0.0.2:80' })
    await calls.set('users/a', '{"data":"é"}')
    expect(await calls.activity('users/*')).toBe(7n)
    await calls.delete('users/a', 1n)
    expect(seen).toEqual([
      'POST /_pivot/pivot/users/a 10.0.0.2:80 Bearer t {"data":"é"}',
      'GET /_pivot/activity/users undefined Bearer t ',
      'DELETE /_pivot/pivot/users/a/1 10.0.0.2:80 Bearer t ',
    ])
    expect(server.connections()).toBe(1)
  })

  it('keeps no connection once it is closed', async () => {
    await using server = await listening(
      (_request, response) => void response.end('{"lastEntry":7}'),
    )
    const gone = Promise.withResolvers<void>()
    server.server.on('connection', (socket) => socket.on('close', () => gone.resolve()))
    const calls = new PivotCalls({ address: server.address })
    await calls.activity('users/*')
    await calls.close()
    await gone.promise
    await calls.close()
    await expect(calls.activity('users/*')).rejects.toMatchObject({ code: 'closed' })
    expect(server.connections()).toBe(1)
  })

  it('asks once more when the connection it kept has ended', async () => {
    let count = 0
    await using server = await listening((request, response) => {
      count++
      if (count === 2) request.socket.destroy()
      else response.end('{"lastEntry":7}')
    })
    const calls = new PivotCalls({ address: server.address })
    await calls.activity('users/*')
    expect(await calls.activity('users/*')).toBe(7n)
    expect(count).toBe(3)
  })

  it('waits 500 ms for a connection, and no longer', async () => {
    const limits: number[] = []
    const runtime = {
      timer: (ms: number, ring: () => void) => {
        limits.push(ms)
        ring()
        return { cancel() {} }
      },
    }
    await using server = await listening((_request, response) => void response.end())
    const { fetch } = pooledFetch({ runtime })
    await expect(fetch(`http://${server.address}/`)).rejects.toMatchObject({ code: 'ETIMEDOUT' })
    expect(limits).toEqual([500])
  })

  it('ends with its signal, also in the middle of an answer', async () => {
    await using server = await listening((_request, response) => {
      response.write('{"lastEntry":')
    })
    const { fetch } = pooledFetch({ runtime: systemRuntime })
    const end = new AbortController()
    const response = await fetch(`http://${server.address}/`, { signal: end.signal })
    end.abort(new Error('enough'))
    await expect(response.text()).rejects.toThrow()
  })
})

interface Listening extends AsyncDisposable {
  readonly address: string
  readonly server: Server
  connections(): number
}

async function listening(answer: RequestListener): Promise<Listening> {
  const server: Server = createServer(answer)
  let count = 0
  server.on('connection', () => count++)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    address: `127.0.0.1:${port}`,
    server,
    connections: () => count,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
