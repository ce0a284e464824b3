import { describe, expect, it } from 'vitest'
import { copyOf, expectSame, idsOf, machine, sync, trySync, write } from '../../test/fleet.ts'
import { RejoinError } from '../errors/index.ts'
import { scriptedTransport } from '../testing/doubles/scripted.ts'
import { memoryTransport } from '../transport/memory/index.ts'

describe('trouble with the remote', () => {
  it('is in the result, wrapped, with the cause', async () => {
    const { laptop, hub } = await pair()
    const cause = new TypeError('odd')
    const transport = scriptedTransport(memoryTransport(hub.store), {
      hello: () => Promise.reject(cause),
    })
    const result = await trySync(laptop, hub, { transport })
    expect(result).toMatchObject({ pushed: 0, pulled: 0 })
    expect(result.remoteEnd).toBeUndefined()
    expect(result.errors.map(({ code, cause }) => ({ code, cause }))).toEqual([
      { code: 'internal', cause },
    ])
  })

  it('in one direction lets the other go on', async () => {
    const { laptop, hub } = await pair()
    const gone = () => Promise.reject(network())
    const deaf = scriptedTransport(memoryTransport(hub.store), { push: gone })
    expect(await trySync(laptop, hub, { transport: deaf })).toMatchObject({ pulled: 1, pushed: 0 })
    expect(await idsOf(laptop)).toEqual(['l1', 'h1'])
    const dumb = scriptedTransport(memoryTransport(hub.store), { pull: gone })
    await write(hub, 'a', 'h2')
    const result = await trySync(laptop, hub, { transport: dumb })
    expect(result).toMatchObject({ pulled: 0, pushed: 1 })
    expect(result.errors.map((error) => error.code)).toEqual(['network'])
  })

  it('in both directions gives both errors', async () => {
    const { laptop, hub } = await pair()
    const gone = () => Promise.reject(network())
    const { errors } = await trySync(laptop, hub, {
      transport: scriptedTransport(memoryTransport(hub.store), { push: gone, pull: gone }),
    })
    expect(errors.map((error) => error.code)).toEqual(['network', 'network'])
  })

  it('in the middle of a pull leaves the cursor with what was stored', async () => {
    const { laptop, hub } = await pair()
    await write(hub, 'a', 'h2', 'h3', 'h4')
    let pages = 0
    const transport = scriptedTransport(memoryTransport(hub.store), {
      pull: (pull, ...args) => (pages++ === 2 ? Promise.reject(network()) : pull(...args)),
    })
    const result = await trySync(laptop, hub, { transport, batch: { count: 1 } })
    expect(result).toMatchObject({ pulled: 2, pushed: 1 })
    const again = await sync(laptop, hub, { batch: { count: 1 } })
    expect(again).toMatchObject({ pulled: 2, pushed: 0 })
    await expectSame(laptop, hub)
  })

  it('that answers fewer receipts than events is a protocol error, and nothing is ticked off', async () => {
    const { laptop, hub } = await pair()
    const transport = scriptedTransport(memoryTransport(hub.store), {
      push: async () => ({ kind: 'applied', receipts: [] }),
    })
    const { errors } = await trySync(laptop, hub, { transport })
    expect(errors.map((error) => error.code)).toEqual(['protocol'])
    await sync(laptop, hub)
    await expectSame(laptop, hub)
  })

  it('that never agrees ends as unsettled, after a few greetings', async () => {
    const { laptop, hub } = await pair()
    let greetings = 0
    const transport = scriptedTransport(memoryTransport(hub.store), {
      hello: (hello, ...args) => {
        greetings++
        return hello(...args)
      },
      push: async () => ({ kind: 'reset' }),
    })
    const { errors } = await trySync(laptop, hub, { transport })
    expect(errors.map((error) => [error.code, error.retryable])).toEqual([['unsettled', true]])
    expect(greetings).toBeLessThan(50)
    await sync(laptop, hub)
    await expectSame(laptop, hub)
  })

  it('of our own log, which no longer holds our checkpoint, makes the link start over', async () => {
    const { laptop, hub } = await pair()
    let resets = 0
    const replica = new Proxy(laptop.store, {
      get: (store, name) =>
        name === 'changes' && resets++ === 0
          ? async () => ({ kind: 'reset' })
          : (Reflect.get(store, name) as () => void).bind(store),
    })
    await sync({ ...laptop, store: replica }, hub)
    expect(resets).toBeGreaterThan(1)
    await expectSame(laptop, hub)
  })

  it('of our own store is in the result as well', async () => {
    const { laptop, hub } = await pair()
    const replica = new Proxy(laptop.store, {
      get: (store, name) =>
        name === 'apply'
          ? () => Promise.reject(full())
          : (Reflect.get(store, name) as () => void).bind(store),
    })
    const { errors } = await trySync({ ...laptop, store: replica }, hub)
    expect(errors.map((error) => error.code)).toEqual(['storage_full'])
  })
})

describe('a sync that is aborted', () => {
  it('before it began rejects with the reason and asks nobody', async () => {
    const { laptop, hub } = await pair()
    const reason = new Error('enough')
    const signal = AbortSignal.abort(reason)
    await expect(trySync(laptop, hub, { signal })).rejects.toBe(reason)
    expect(await idsOf(hub)).toEqual(['h1'])
  })

  for (const call of ['hello', 'push', 'pull'] as const)
    it(`during ${call} rejects with the reason; what was moved stays`, async () => {
      const { laptop, hub } = await pair()
      const controller = new AbortController()
      const reason = new Error('enough')
      const transport = scriptedTransport(memoryTransport(hub.store), {
        [call]: async (next: (...args: unknown[]) => unknown, ...args: unknown[]) => {
          const answer = await next(...args)
          controller.abort(reason)
          return answer
        },
      })
      const { signal } = controller
      await expect(trySync(laptop, hub, { transport, signal })).rejects.toBe(reason)
      await sync(laptop, hub)
      await expectSame(laptop, hub)
    })

  it('during a call that hangs rejects at once', async () => {
    const { laptop, hub } = await pair()
    const controller = new AbortController()
    const transport = memoryTransport(
      new Proxy(hub.store, {
        get(store, name) {
          if (name !== 'changes') return (Reflect.get(store, name) as () => void).bind(store)
          return () => {
            controller.abort()
            return new Promise(() => {})
          }
        },
      }),
    )
    const { signal } = controller
    const name = await trySync(laptop, hub, { transport, signal }).catch((one: Error) => one.name)
    expect(name).toBe('AbortError')
  })
})

describe('what is closed', () => {
  it('here makes the sync reject', async () => {
    const { laptop, hub } = await pair()
    await laptop.store.close()
    await expect(trySync(laptop, hub)).rejects.toMatchObject({ code: 'closed' })
  })

  it('on the way makes the sync reject', async () => {
    const { laptop, hub } = await pair()
    const transport = memoryTransport(hub.store)
    await transport.close()
    await expect(trySync(laptop, hub, { transport })).rejects.toMatchObject({ code: 'closed' })
  })
})

describe('several syncs of one replica at once', () => {
  it('with one remote all finish, and everything is moved once', async () => {
    const { laptop, hub } = await pair()
    for (let n = 0; n < 20; n++) {
      await write(laptop, `a${n % 3}`, `more-l${n}`)
      await write(hub, `a${n % 3}`, `more-h${n}`)
    }
    const batch = { count: 3 }
    const results = await Promise.all([1, 2, 3].map(() => sync(laptop, hub, { batch })))
    expect(results.reduce((sum, { pulled }) => sum + pulled, 0)).toBe(21)
    await expectSame(laptop, hub)
    expect((await laptop.store.status()).clashes).toBe(0n)
  })

  it('with several remotes all finish', async () => {
    const { laptop, hub } = await pair()
    const other = await machine('other')
    await write(other, 'a', 'o1')
    await Promise.all([sync(laptop, hub), sync(laptop, other)])
    await Promise.all([sync(laptop, hub), sync(laptop, other)])
    await expectSame(laptop, hub, other)
  })

  it('finish while a copy syncs too', async () => {
    const { laptop, hub } = await pair()
    await sync(laptop, hub)
    const twin = await copyOf(laptop)
    await write(laptop, 'a', 'l2')
    await write(twin, 'a', 't2')
    const all = [laptop, laptop, twin, twin]
    await Promise.all(all.map((one) => sync(one, hub, { batch: { count: 1 } })))
    await Promise.all(all.map((one) => sync(one, hub)))
    await sync(laptop, hub)
    await expectSame(laptop, twin, hub)
  })
})

async function pair() {
  const [laptop, hub] = [await machine('laptop'), await machine('hub')]
  await write(laptop, 'a', 'l1')
  await write(hub, 'b', 'h1')
  return { laptop, hub }
}

function network(): RejoinError {
  return new RejoinError('network', 'the cable is gone', { operation: 'call', component: 'test' })
}

function full(): RejoinError {
  return new RejoinError('storage_full', 'no space', { operation: 'write', component: 'test' })
}
