import { describe, expect, it } from 'vitest'
import { goClientOf } from '../../fixtures/go-client.ts'
import { hubOf } from '../../fixtures/hub.ts'

describe('a pull by cursor', () => {
  it('goes on page by page, and has no next when there is nothing', async () => {
    const go = goClientOf(await hubOf(2))
    const first = await go.cursor('{"limit":1}')
    expect(first.status).toBe(200)
    expect(await first.text()).toBe(
      '{"events":[{"event":{"id":"e0","type":"Counted","aggregate_id":"a0","data":{"at":0,"grüße":"∑"},"metadata":null},"version":"1"}],"next":{"kind":"integer","data":1}}',
    )
    const second = await go.cursor('{"since":{"kind":"integer","data":1},"limit":1}')
    expect(await second.json()).toMatchObject({ next: { kind: 'integer', data: 2 } })
    const end = await go.cursor('{"since":{"kind":"integer","data":2},"limit":1}')
    expect(await end.text()).toBe('{"events":[]}')
  })

  it.each([
    ['{}', 200],
    ['null', 200],
    ['{"since":null,"limit":null}', 200],
    ['{"limit":0}', 200],
    ['{"limit":-5}', 200],
    ['{"limit":1001}', 200],
    ['{"limit":1000}', 250],
    ['{"limit":5}', 5],
    ['{"LIMIT":5,"Since":{"KIND":"integer","data":249}}', 1],
    ['{"since":{"kind":"integer","data":null}}', 200],
    ['{"since":{"kind":"integer","data":9223372036854775807}}', 0],
    ['{"limit":7} trailing', 7],
  ])('%s: %i events', async (body, count) => {
    const response = await goClientOf(await hubOf(250)).cursor(body)
    expect(response.status).toBe(200)
    expect(((await response.json()) as { events: unknown[] }).events).toHaveLength(count)
  })

  it.each([
    ['{"since":{"kind":"bytes","data":1}}', 'bad cursor: unknown cursor kind: bytes'],
    ['{"since":{"data":1}}', 'bad cursor: unknown cursor kind: '],
    ['{"since":{}}', 'bad cursor: unknown cursor kind: '],
    ['{"since":{"kind":"integer"}}', 'bad cursor: '],
    ['{"since":{"kind":"integer","data":-1}}', 'bad cursor: '],
    ['{"since":{"kind":"integer","data":1.5}}', 'bad cursor: '],
    ['{"since":{"kind":"integer","data":"1"}}', 'bad cursor: '],
    ['{"since":{"kind":"integer","data":18446744073709551616}}', 'bad cursor: '],
    ['{"since":{"kind":"integer","data":9223372036854775808}}', 'bad cursor: '],
    ['{"since":{"kind":"vector","data":{"a":1}}}', 'cursor kind not supported by this store'],
    ['{"since":{"kind":"vector","data":null}}', 'cursor kind not supported by this store'],
    ['{"since":{"kind":"vector","data":{"a":-1}}}', 'bad cursor: '],
    ['{"since":5}', 'bad cursor: '],
    ['{"limit":"5"}', 'limit must be a whole number'],
    ['{"limit":1.5}', 'limit must be a whole number'],
    ['[]', 'the body must be an object'],
    ['{', 'the body: the JSON ends too early'],
    ['', 'empty request body'],
  ])('is refused for %s', async (body, error) => {
    const response = await goClientOf(await hubOf(1)).cursor(body)
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({ error: expect.stringContaining(error) })
  })

  it('is refused for more than 64 KiB of cursor', async () => {
    const go = goClientOf(await hubOf(1))
    const response = await go.cursor(
      `{"since":{"kind":"vector","data":{"${'n'.repeat(65_536)}":1}}}`,
    )
    expect(response.status).toBe(400)
    expect(await response.json()).toEqual({
      error: 'bad cursor: cursor payload too large: 65542 bytes',
    })
  })
})
