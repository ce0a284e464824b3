import { once } from 'node:events'
import { request as send } from 'node:http'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { property } from '../../test/property.ts'
import { type Middleware, openState, type StateServerOptions, stateServer } from '../state/index.ts'
import { handDriven } from '../transport/fixtures/hand-driven.ts'
import { serve } from './index.ts'

interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly body: Buffer | undefined
}

/** Mostly the first, so that most requests get somewhere. */
function mostly<T>(usual: readonly T[], odd: readonly T[]): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...usual) },
    { weight: 1, arbitrary: fc.constantFrom(...odd) },
  )
}

const method = mostly(
  ['GET', 'HEAD', 'POST', 'POST', 'PATCH', 'DELETE'],
  ['PUT', 'OPTIONS', 'TRACE', 'PROPFIND'],
)
const segment = fc.oneof(
  { weight: 8, arbitrary: mostly(['a', 'b', 'c'], ['*', '.', '..', '.a', 'a.', 'a.b', '_a', '']) },
  { weight: 1, arbitrary: fc.constantFrom('%2A', '%61', '%2e', '%', 'sync', '~', ';', '@') },
  {
    weight: 1,
    arbitrary: fc.string({ maxLength: 5 }).map((text) => text.replace(/[^!-~]/g, '')),
  },
)
const query = mostly(['', ''], ['?', '?api=keys', '?a=1&b', '?a?b', '?"', '?%41', '#a'])
const path = fc
  .tuple(fc.array(segment, { minLength: 1, maxLength: 3 }), query)
  .map(([segments, search]) => `/${segments.join('/')}${search}`)
const header = {
  host: fc.constantFrom(
    '127.0.0.1',
    'LOCALHOST:80',
    'a..b',
    '1.2.3.4.5',
    'a@b',
    'a/b',
    '[::1]',
    '',
  ),
  origin: fc.constantFrom('http://localhost', 'https://app.test', ''),
  'access-control-request-method': fc.constant('POST'),
  'content-type': fc.constantFrom(
    'application/json-patch+json',
    'Application/Merge-Patch+JSON ; a=b',
    ['application/json-patch+json', 'application/json'],
  ),
  'content-encoding': fc.constantFrom('gzip', 'br', ' GZIP ', 'identity', ''),
  'accept-encoding': fc.constantFrom('gzip', 'gzip;q=0', ['br', 'gzip']),
  'X-Other': fc.constantFrom('1', ['2', '3'], '\u00e9'),
}
const headers = fc
  .tuple(
    fc.record<Readonly<Record<string, string | string[]>>>(header),
    fc.subarray(Object.keys(header), { maxLength: 3 }),
  )
  .map(([all, names]) => Object.fromEntries(names.map((name) => [name, all[name] ?? ''])))
const text = fc
  .oneof(
    mostly(
      ['{"a":{"b":1}}', '[1,2]', '"\u00fc"'],
      ['{', '', '1 2', '[{"op":"add","path":"/x","value":1}]'],
    ),
    fc.json(),
    fc.constantFrom(900, 1_100, 3_000, 70_000).map((length) => JSON.stringify('x'.repeat(length))),
  )
  .map((text) => Buffer.from(text))
const bytes = fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes))
const body = fc.oneof(
  { weight: 6, arbitrary: text },
  { weight: 1, arbitrary: bytes },
  { weight: 1, arbitrary: text.map((one) => gzipSync(one)) },
  { weight: 1, arbitrary: fc.constant(undefined) },
)
const isChunked = fc.boolean()
const asked = fc.record({ method, path, headers, body, isChunked }).map(
  ({ headers, isChunked, ...rest }): Asked => ({
    ...rest,
    headers: { ...headers, ...(isChunked && { 'transfer-encoding': 'chunked' }) },
  }),
)

const options: StateServerOptions = {
  bodyBytes: 2_000,
  cors: { origins: ['https://app.test'] },
  filters: {
    'a/b': { write: ({ data }) => ({ seen: data }), readObject: (object) => object },
    b: { write: () => Promise.reject(new Error('not here')) },
  },
}

it('X1: a state server answers the same, whether a request became a Request or not', () =>
  property(
    fc.tuple(fc.array(asked, { minLength: 5, maxLength: 25 }), fc.boolean()),
    async ([all, insecure]) => {
      await using one = await served(options, insecure)
      await using other = await served({ ...options, middleware }, insecure)
      for (const each of all) {
        const [quick, full] = await Promise.all([
          answerTo(one.port, each),
          answerTo(other.port, each),
        ])
        expect(quick).toEqual(full)
      }
      expect(await one.texts()).toEqual(await other.texts())
    },
    60,
  ))

const middleware: Middleware = (request, next) => next(request)

async function served(options: StateServerOptions, insecure: boolean) {
  // Times are told, and both are to have the same.
  const tree = await openState({ runtime: handDriven() })
  const state = stateServer(tree, options)
  const server = await serve({ mounts: {}, state, port: 0, grace: 0, insecure })
  return {
    port: server.port,
    texts: async () => (await tree.keys({ limit: 1_000 })).keys,
    async [Symbol.asyncDispose]() {
      await server.close()
      await state.close()
      await tree.close()
    },
  }
}

async function answerTo(port: number, { method, path, headers, body }: Asked) {
  const length = body && !('transfer-encoding' in headers) && { 'content-length': body.length }
  const request = send({
    port,
    method,
    path,
    headers: { host: 'localhost', ...headers, ...length },
    agent: false,
  })
  // What is refused may be refused before it has all been sent.
  request.on('error', () => {})
  request.end(body)
  const [response] = await once(request, 'response')
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  const { date: _, connection: __, ...told } = response.headers
  return {
    status: response.statusCode,
    headers: told,
    body: Buffer.concat(chunks).toString('latin1'),
  }
}
