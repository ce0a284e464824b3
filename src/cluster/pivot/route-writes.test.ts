import { describe, expect, it } from 'vitest'
import { systemRuntime } from '../../runtime/index.ts'
import { start } from '../../version/index.ts'
import { body, sharedTree } from './fixtures/shared-tree.ts'
import { pivotIdentity } from './identity.ts'

const time = 1_767_600_000_000_000_001n

describe('POST /_pivot/pivot/{path}', () => {
  it('T4: stores the object as it is, with times beyond 2^53', async () => {
    await using shared = await sharedTree(['users/*'])
    const data = '{"big":9007199254740993,"e":1.50,"text":"\\u00e9<"}'
    const sent = `{"Created":${time}, "updated": ${time + 1n},"index":"a","path":"users/a","data": ${data}}`
    expect(await shared.call('POST', 'pivot/users/a', sent)).toEqual({ status: 200, text: '' })
    const object = await shared.tree.get('users/a')
    expect(object).toMatchObject({ created: time, updated: time + 1n, dataText: data })
  })

  it('T1: an older write never replaces a newer one, and is answered 200 all the same', async () => {
    await using shared = await sharedTree(['users/*'])
    await shared.call('POST', 'pivot/users/a', body(1n, 9n, 'a', 'newer'))
    const { version } = await shared.tree.snapshot('users/a')
    expect(await shared.call('POST', 'pivot/users/a', body(1n, 8n, 'a', 'older'))).toEqual({
      status: 200,
      text: '',
    })
    expect((await shared.tree.snapshot('users/a')).version).toBe(version)
    expect((await shared.tree.get('users/a'))?.data).toBe('newer')
    expect(shared.routes.counts).toMatchObject({ stored: 1, unchanged: 1 })
  })

  it('T1: of equal times, the greater content hash stands, whoever comes first', async () => {
    const ends = new Set<string | undefined>()
    for (const order of [
      ['one', 'other'],
      ['other', 'one'],
    ]) {
      await using shared = await sharedTree(['users/*'])
      for (const data of order) await shared.call('POST', 'pivot/users/a', body(5n, 0n, 'a', data))
      ends.add((await shared.tree.get('users/a'))?.dataText)
    }
    expect(ends.size).toBe(1)
  })

  it.each([
    ['an index that is not the path’s', 'users/a', body(1n, 0n, 'b', 1), 400],
    ['a body that is no JSON', 'users/a', '{"created":', 400],
    ['an empty body', 'users/a', '', 400],
    ['a list', 'users/a', '[]', 400],
    ['no data', 'users/a', '{"created":1,"updated":0,"index":"a"}', 400],
    ['a time with a fraction', 'users/a', '{"created":1.5,"index":"a","data":1}', 400],
    ['a time as text', 'users/a', '{"created":"1","index":"a","data":1}', 400],
    ['a time beyond an int64', 'users/a', body(2n ** 63n, 0n, 'a', 1), 400],
    ['a time below 0', 'users/a', body(-1n, 0n, 'a', 1), 400],
    ['a time beyond the year 2200', 'users/a', body(2n ** 63n - 1n, 0n, 'a', 1), 400],
    ['data nested too deep', 'users/a', deep(129), 400],
    ['a path that is none', 'users/a//b', body(1n, 0n, 'b', 1), 400],
    ['a pattern', 'users/*', body(1n, 0n, '*', 1), 400],
    ['a path that is not shared', 'others/a', body(1n, 0n, 'a', 1), 404],
    ['a deeper path', 'users/a/b', body(1n, 0n, 'b', 1), 404],
    ['too much', 'users/a', body(1n, 0n, 'a', 'x'.repeat(2_000)), 413],
  ])('X1: refuses %s, and nothing has changed', async (_what, path, sent, status) => {
    await using shared = await sharedTree(['users/*'], { limits: { bodyBytes: 1_500 } })
    const answer = await shared.call('POST', `pivot/${path}`, sent)
    expect(answer.status).toBe(status)
    expect(answer.text).toMatch(/^.{5,200}\n$/)
    expect((await shared.tree.replica().status()).end).toBe(0n)
  })

  it('T5: a day ahead of this clock is refused for now, and a local write wins over less', async () => {
    let now = 1_800_000_000_000
    const runtime = { ...systemRuntime, now: () => now }
    await using shared = await sharedTree(['users/*'], {}, runtime)
    const at = (ms: number) => BigInt(ms) * 1_000_000n
    const hours = 3_600_000
    expect(
      (await shared.call('POST', 'pivot/users/a', body(at(now + 25 * hours), 0n, 'a', 1))).status,
    ).toBe(409)
    expect((await shared.call('DELETE', `pivot/users/a/${at(now + 25 * hours)}`)).status).toBe(409)
    expect((await shared.tree.replica().status()).end).toBe(0n)
    const ahead = at(now + 23 * hours)
    expect((await shared.call('POST', 'pivot/users/a', body(ahead, 0n, 'a', 'ahead'))).status).toBe(
      200,
    )
    now += 1_000
    const written = await shared.tree.set('users/a', 'here')
    expect(written.kind).toBe('written')
    expect((await shared.tree.get('users/a'))?.updated).toBe(ahead + 1n)
    expect((await shared.call('POST', 'pivot/users/a', body(ahead, 0n, 'a', 'ahead'))).status).toBe(
      200,
    )
    expect((await shared.tree.get('users/a'))?.data).toBe('here')
    // And the clock itself has not followed so far.
    await shared.tree.set('users/b', 1)
    expect((await shared.tree.get('users/b'))?.created).toBeLessThan(at(now + 61_000))
  })

  it('wakes who watches, reaches other links, and is not sent back over its own', async () => {
    const node = '10.0.0.7:8080'
    await using shared = await sharedTree(['users/*'], { isNode: (address) => address === node })
    const { tree, call } = shared
    const seen: unknown[] = []
    const first = Promise.withResolvers<void>()
    tree.observe('users/*', (notice) => {
      seen.push(notice)
      first.resolve()
    })
    await call('POST', 'pivot/users/a', body(time, 0n, 'a', 1), { 'X-Pivot-Originator': node })
    await first.promise
    expect(seen).toHaveLength(1)
    const { origin } = pivotIdentity(node, systemRuntime)
    const want = { count: 10, bytes: 1_000 }
    const others = await tree.replica().changes(start, want)
    const back = await tree.replica().changes(start, { ...want, notVia: origin })
    expect(others).toMatchObject({ changes: [{ path: 'users/a' }] })
    expect(back).toMatchObject({ changes: [] })
  })

  it('S5: strangers that call themselves something share one link', async () => {
    await using shared = await sharedTree(['users/*'])
    for (let at = 0; at < 5; at++)
      await shared.call('POST', `pivot/users/a${at}`, body(time, 0n, `a${at}`, 1), {
        'X-Pivot-Originator': `10.0.0.${at}:1`,
      })
    const unknown = pivotIdentity('unknown', systemRuntime).origin
    const page = await shared.tree
      .replica()
      .changes(start, { count: 10, bytes: 1_000, notVia: unknown })
    expect(page).toMatchObject({ changes: [] })
  })
})

describe('DELETE /_pivot/pivot/{path}/{time}', () => {
  it('applies when it is later than both times, and stays at its own time', async () => {
    await using shared = await sharedTree(['users/*', 'settings'])
    const { call, tree } = shared
    await call('POST', 'pivot/users/a', body(time, time + 5n, 'a', 1))
    await call('POST', 'pivot/settings', body(time, 0n, 'settings', 1))
    expect(await call('DELETE', `pivot/users/a/${time + 6n}`)).toEqual({ status: 200, text: '' })
    expect((await call('DELETE', `pivot/settings/${time + 1n}`)).status).toBe(200)
    expect(await tree.get('users/a')).toBeUndefined()
    expect(await tree.get('settings')).toBeUndefined()
    expect((await tree.replica().rows(['users/a'])).found[0]?.row).toMatchObject({
      created: 0n,
      updated: time + 6n,
      dataText: null,
    })
    await call('POST', 'pivot/users/a', body(time, time + 5n, 'a', 'it is late'))
    expect(await tree.get('users/a')).toBeUndefined()
  })

  it('is ignored, counted and answered 200 when it is not', async () => {
    await using shared = await sharedTree(['users/*'])
    const { call, tree, routes } = shared
    await call('POST', 'pivot/users/a', body(time, time + 5n, 'a', 1))
    await call('POST', 'pivot/users/b', body(time, 0n, 'b', 1))
    for (const path of [`a/${time + 5n}`, `a/${time}`, `b/${time}`, 'b/0', 'nobody/0'])
      expect(await call('DELETE', `pivot/users/${path}`)).toEqual({ status: 200, text: '' })
    expect(await tree.list('users/*')).toHaveLength(2)
    expect(routes.counts.ignoredDeletes).toBe(5)
  })

  it('of a whole list takes what is older, as a node sends it for users/*', async () => {
    const told: unknown[] = []
    await using shared = await sharedTree(['users/*', 'settings'], {
      isNode: (address) => address === '127.0.0.1:25002',
      onChange: (change) => told.push(change),
    })
    const { call, tree, routes } = shared
    // Byte for byte as a node of the original sends them, with nothing but letters escaped by its JSON.
    const headers = { 'x-pivot-originator': '127.0.0.1:25002', 'accept-encoding': 'gzip' }
    const sent = [
      '{"created":1795364440528859392,"updated":1795364440792717604,"index":"a","path":"users/a","data":{"v":"\\u003cé\\u003e"}}\n',
      '{"created":1795364440943842685,"updated":0,"index":"b","path":"users/b","data":2}\n',
      '{"created":1795364441014037641,"updated":0,"index":"c","path":"users/c","data":"later"}\n',
    ]
    for (const [at, text] of sent.entries())
      await call('POST', `pivot/users/${'abc'[at]}`, text, headers)
    told.length = 0
    const all = 'pivot/users/*/1795364441014037640'
    expect(await call('DELETE', all, undefined, headers)).toEqual({ status: 200, text: '' })
    expect((await tree.list('users/*')).map(({ index }) => index)).toEqual(['c'])
    expect((await tree.replica().rows(['users/a'])).found[0]?.row).toMatchObject({
      updated: 1795364441014037640n,
      dataText: null,
    })
    const change = { time: 1795364441014037640n, originator: '127.0.0.1:25002' }
    expect(told).toEqual([
      { path: 'users/a', ...change },
      { path: 'users/b', ...change },
    ])
    expect(routes.counts).toMatchObject({ stored: 4, ignoredDeletes: 0, refused: 0 })
    expect((await call('DELETE', all, undefined, headers)).status).toBe(200)
    expect(routes.counts).toMatchObject({ ignoredDeletes: 1 })
    expect((await call('DELETE', 'pivot/others/*/1')).status).toBe(400)
  })

  it('T2: of what never was here keeps an older write out', async () => {
    await using shared = await sharedTree(['users/*'])
    await shared.call('DELETE', `pivot/users/a/${time}`)
    await shared.call('POST', 'pivot/users/a', body(time - 1n, 0n, 'a', 1))
    expect(await shared.tree.get('users/a')).toBeUndefined()
    await shared.call('POST', 'pivot/users/a', body(time + 1n, 0n, 'a', 1))
    expect(await shared.tree.get('users/a')).toBeDefined()
  })

  it.each([
    'users/a',
    'users/a/x',
    'users/a/-1',
    'users/a/1.5',
    'users/a/9223372036854775808',
    'x',
  ])('X1: refuses %s', async (path) => {
    await using shared = await sharedTree(['users/*'])
    expect((await shared.call('DELETE', `pivot/${path}`)).status).toBe(400)
  })
})

function deep(depth: number): string {
  return `{"created":1,"updated":0,"index":"a","data":${'['.repeat(depth)}${']'.repeat(depth)}}`
}
