import { describe, expect, it } from 'vitest'
import { systemRuntime } from '../../runtime/index.ts'
import { body, sharedTree } from './fixtures/shared-tree.ts'

const time = 1_767_600_000_000_000_001n

describe('GET /_pivot/version', () => {
  it('says 2.0, and what else we are', async () => {
    await using shared = await sharedTree(['users/*'], {
      about: () => ({ rejoin: { version: 1 } }),
    })
    expect(await shared.call('GET', 'version')).toEqual({
      status: 200,
      text: '{"protocol":"2.0","package":"rejoin","rejoin":{"version":1}}',
    })
  })
})

describe('GET /_pivot/activity/{base}', () => {
  it('T4: is the greatest time under the key, digit for digit, or a later delete time', async () => {
    await using shared = await sharedTree(['users/*', 'settings'])
    const { call } = shared
    expect(await call('GET', 'activity/users')).toEqual({ status: 200, text: '{"lastEntry":0}' })
    await call('POST', 'pivot/users/a', body(time, time + 7n, 'a', 1))
    await call('POST', 'pivot/users/b', body(time + 2n, 0n, 'b', 1))
    expect((await call('GET', 'activity/users')).text).toBe(`{"lastEntry":${time + 7n}}`)
    await call('DELETE', `pivot/users/b/${time + 9n}`)
    expect((await call('GET', 'activity/users')).text).toBe(`{"lastEntry":${time + 9n}}`)
    expect((await call('GET', 'activity/settings')).text).toBe('{"lastEntry":0}')
    expect((await call('GET', 'activity/others')).status).toBe(404)
  })

  it('is 0 for nodes that are to stay as they are', async () => {
    const asked: string[] = []
    await using shared = await sharedTree(['users/*'], {
      mayTell: async (key) => asked.push(key) > 1,
    })
    await shared.call('POST', 'pivot/users/a', body(time, 0n, 'a', 1))
    expect((await shared.call('GET', 'activity/users')).text).toBe('{"lastEntry":0}')
    expect((await shared.call('GET', 'activity/users')).text).toBe(`{"lastEntry":${time}}`)
    expect(asked).toEqual(['users/*', 'users/*'])
  })

  it('still knows of deletes whose tombstones are gone', async () => {
    await using shared = await sharedTree(['users/*'])
    const { call, tree } = shared
    await call('DELETE', `pivot/users/b/${time}`)
    const storage = tree.replica()
    await storage.collect({ before: time + 1n, upTo: (await storage.status()).end })
    expect((await call('GET', 'activity/users')).text).toBe(`{"lastEntry":${time}}`)
  })

  it('K3: reads each change once, and never the list', async () => {
    await using shared = await sharedTree([])
    const storage = shared.tree.replica()
    let read = 0
    const counting = new Proxy(storage, {
      get(target, name) {
        const value = Reflect.get(target, name, target)
        if (name === 'list' || name === 'latest') throw new Error(`${name} was asked`)
        if (name !== 'feed') return typeof value === 'function' ? value.bind(target) : value
        return async (...args: Parameters<typeof storage.feed>) => {
          const page = await storage.feed(...args)
          read += page.rows.length
          return page
        }
      },
    })
    const keys = [{ path: 'users/*', storage: counting }]
    await using served = await sharedTree([], { keys: () => keys })
    for (let at = 0; at < 3_000; at++) await shared.tree.set(`users/u${at}`, at)
    await served.call('GET', 'activity/users')
    expect(read).toBe(3_000)
    await shared.tree.set('users/u1', 'again')
    await served.call('GET', 'activity/users')
    expect(read).toBe(3_001)
  })
})

describe('GET /_pivot/pivot/{key}', () => {
  it('is the list, oldest first, whatever stands in place of its *', async () => {
    await using shared = await sharedTree(['users/*'])
    await shared.call('POST', 'pivot/users/b', body(2n, 0n, 'b', { n: 2 }))
    await shared.call('POST', 'pivot/users/a', body(3n, 5n, 'a', { n: 3 }))
    await shared.call('POST', 'pivot/users/c', body(1n, 0n, 'c', { n: 1 }))
    const list =
      '[{"created":1,"updated":0,"index":"c","path":"users/c","data":{"n":1}},' +
      '{"created":2,"updated":0,"index":"b","path":"users/b","data":{"n":2}},' +
      '{"created":3,"updated":5,"index":"a","path":"users/a","data":{"n":3}}]'
    for (const suffix of ['*', 'a', 'nobody', 'a/b/c'])
      expect(await shared.call('GET', `pivot/users/${suffix}`)).toEqual({ status: 200, text: list })
  })

  it('is the object of a single key, and 404 when it is absent', async () => {
    await using shared = await sharedTree(['settings', 'users/*'])
    expect((await shared.call('GET', 'pivot/settings')).status).toBe(404)
    await shared.call('POST', 'pivot/settings', body(time, 0n, 'settings', { dark: true }))
    expect((await shared.call('GET', 'pivot/settings')).text).toBe(
      `{"created":${time},"updated":0,"index":"settings","path":"settings","data":{"dark":true}}`,
    )
    expect((await shared.call('GET', 'pivot/users/*')).text).toBe('[]')
    expect((await shared.call('GET', 'pivot/others')).status).toBe(404)
  })
})

describe('the routes that set something off', () => {
  it.each([
    ['synchronize/pivot', { kind: 'pull', key: undefined }],
    ['synchronize/pivot?key=users/*', { kind: 'pull', key: 'users/*' }],
    ['pivot', { kind: 'pull', key: undefined }],
    ['pivot?key=settings', { kind: 'pull', key: 'settings' }],
    ['synchronize/node', { kind: 'sync' }],
  ])('%s', async (path, expected) => {
    const asked: unknown[] = []
    await using shared = await sharedTree(['users/*'], {
      onTrigger: async (what) => asked.push(what) > 0,
    })
    expect(await shared.call('GET', path)).toEqual({ status: 200, text: '' })
    expect(asked).toEqual([expected])
  })

  it.each(['synchronize/pivot', 'pivot', 'synchronize/node'])(
    '%s is 400 where nobody is followed',
    async (path) => {
      await using leader = await sharedTree(['users/*'])
      await using other = await sharedTree(['users/*'], { onTrigger: async () => false })
      expect((await leader.call('GET', path)).status).toBe(400)
      expect((await other.call('GET', path)).status).toBe(400)
    },
  )

  it('is answered when it has failed: it was heard, and the link tries again', async () => {
    await using shared = await sharedTree(['users/*'], {
      onTrigger: () => Promise.reject(new Error('the leader is away')),
    })
    expect((await shared.call('GET', 'synchronize/pivot')).status).toBe(200)
  })

  it('is answered before a leader of the original gives up, and goes on', async () => {
    const due: (() => void)[] = []
    const runtime = {
      ...systemRuntime,
      timer: (_ms: number, ring: () => void) => {
        due.push(ring)
        return { cancel() {} }
      },
    }
    const ends = Promise.withResolvers<boolean>()
    const options = { onTrigger: () => ends.promise }
    await using shared = await sharedTree(['users/*'], options, runtime)
    const answer = shared.call('GET', 'synchronize/pivot')
    while (due.length === 0) await new Promise<void>((resolve) => systemRuntime.soon(resolve))
    for (const ring of due) ring()
    expect((await answer).status).toBe(200)
    ends.resolve(true)
  })
})

describe('GET /_pivot/health/nodes', () => {
  it('tells of each node as the original does', async () => {
    const nodes = [
      { address: '10.0.0.1:80', healthy: true, lastCheck: 1_767_602_580_999, protocol: '2.0' },
      { address: '10.0.0.2:80', healthy: false, protocol: 'unknown' },
    ]
    await using shared = await sharedTree(['users/*'], { nodes: () => nodes })
    expect((await shared.call('GET', 'health/nodes')).text).toBe(
      '[{"address":"10.0.0.1:80","healthy":true,"lastCheck":"2026-01-05T08:43:00Z","protocol":"2.0","compatible":true},' +
        '{"address":"10.0.0.2:80","healthy":false,"lastCheck":"","protocol":"unknown","compatible":false}]',
    )
  })

  it('is empty on a node', async () => {
    await using shared = await sharedTree(['users/*'])
    expect(await shared.call('GET', 'health/nodes')).toEqual({ status: 200, text: '[]' })
  })
})

it.each([
  ['GET', 'nothing', 404],
  ['POST', 'version', 405],
  ['PUT', 'pivot/users/a', 405],
  ['DELETE', 'activity/users', 405],
  ['GET', '%ff', 400],
  ['GET', '', 404],
])('X1: %s /_pivot/%s is %i', async (method, path, status) => {
  await using shared = await sharedTree(['users/*'])
  expect((await shared.call(method, path)).status).toBe(status)
})
