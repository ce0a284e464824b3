import { gunzipSync } from 'node:zlib'
import { expect } from 'vitest'
import { type GoEvent, GoProcess } from './go-process.ts'
import { bodyOf, headOf, record } from './recorder.ts'

/** Expects the requests that were recorded of the library's client, header by header. */
export async function asksAsRecorded(program: string) {
  await using recorder = await record([
    '"7"',
    '[]',
    '{"status":"ok"}',
    '{"status":"ok"}',
    page,
    end,
  ])
  await using client = await GoProcess.client(program, `http://${recorder.host}/sync`)
  expect(await client.ask('latest')).toBe(7)
  expect(await client.ask('pull 3')).toBe(0)
  await client.put([small])
  await client.ask('push')
  await client.put([{ ...small, id: 'e2', data: 'x'.repeat(2_000) }])
  await client.ask('push')
  await expect(client.ask('pull-cursor 200')).rejects.toThrow('UNIQUE')
  const common = `Host: ${recorder.host}\r\nUser-Agent: Go-http-client/1.1`
  const [latest, pull, push, packed, cursor] = recorder.requests as Buffer[]
  expect(headOf(latest!)).toBe(
    `GET /sync/latest-version HTTP/1.1\r\n${common}\r\nAccept-Encoding: gzip`,
  )
  expect(headOf(pull!)).toBe(
    `GET /sync/pull?since=3 HTTP/1.1\r\n${common}\r\nAccept-Encoding: gzip, deflate`,
  )
  expect(headOf(push!)).toBe(
    `POST /sync/push HTTP/1.1\r\n${common}\r\nContent-Length: ${bodyOf(push!).length}\r\n` +
      'Accept-Encoding: gzip, deflate\r\nContent-Type: application/json',
  )
  expect(bodyOf(push!).toString()).toBe(
    '[{"event":{"id":"e1","type":"UserCreated","aggregate_id":"user-1",' +
      '"data":{"h":"\\u003c\\u0026\\u003e","name":"Ann"},"metadata":{"node":"A"}},"version":"1"}]',
  )
  expect(headOf(packed!)).toBe(
    `POST /sync/push HTTP/1.1\r\n${common}\r\nContent-Length: ${bodyOf(packed!).length}\r\n` +
      'Accept-Encoding: gzip, deflate\r\nContent-Encoding: gzip\r\nContent-Type: application/json',
  )
  expect(JSON.parse(gunzipSync(bodyOf(packed!)).toString())).toHaveLength(2)
  expect(headOf(cursor!)).toContain('\r\nAccept-Encoding: gzip')
  expect(bodyOf(cursor!).toString()).toBe('{"limit":200}')
  return { requests: recorder.requests.length }
}

export type Answer = readonly [request: string, status: number, body: string | RegExp]

/** What a server of v0.16 answers, and no later one. */
export const answersOfV016: readonly Answer[] = [
  ['GET /pull?since=1.0', 400, /^\{"error":"invalid 'since' version: /],
  ['GET /pull?since=-1', 200, '[]'],
  ['POST /pull', 405, '{"error":"method not allowed"}'],
]

/** Expects what a server of any version answers, and what is asked for on top. Ends the server. */
export async function answersAsRecorded(go: GoProcess, own: readonly Answer[]) {
  await using server = go
  const all = [...common, ...own]
  for (const [request, status, body] of all) {
    const [method = '', path = '', sent] = request.split(' ')
    const answer = await fetch(`${server.url}${path}`, { method, ...(sent && { body: sent }) })
    const text = await answer.text()
    expect({ request, status: answer.status }, text).toEqual({ request, status })
    expect(answer.headers.get('content-type')).toBe('application/json')
    if (typeof body === 'string') expect(text, request).toBe(body)
    else expect(text, request).toMatch(body)
  }
  const json = { method: 'POST', headers: { 'content-type': 'application/json' } }
  const one = JSON.stringify([{ event: small, version: '1' }, { version: 'x' }])
  for (const _ of ['first', 'again']) {
    const answer = await fetch(`${server.url}/push`, { ...json, body: one })
    expect(await answer.text()).toBe('{"status":"ok"}')
  }
  expect(await server.events()).toEqual([small]) // what is bad or known is dropped without a word
  return { answers: all.length + 2 }
}

const common: readonly Answer[] = [
  ['GET /latest-version', 200, '"0"'],
  ['GET /pull', 200, '[]'],
  ['GET /pull/', 404, '{"error":"not found"}'],
  ['GET /hello', 404, '{"error":"not found"}'],
  ['GET /push', 405, '{"error":"method not allowed"}'],
]

const small: GoEvent = {
  id: 'e1',
  type: 'UserCreated',
  aggregate_id: 'user-1',
  data: { name: 'Ann', h: '<&>' },
  metadata: { node: 'A' },
}
const page = JSON.stringify({ events: [{ event: small, version: '1' }] })
const end = '{"events":[]}'
