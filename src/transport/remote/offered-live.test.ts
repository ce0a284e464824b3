import { describe, expect, it } from 'vitest'
import type { ChangePage, Transport } from '../../contracts/index.ts'
import { RejoinError } from '../../errors/index.ts'
import type { LogEvent } from '../../event/index.ts'
import { start } from '../../version/index.ts'
import { handDriven } from '../fixtures/hand-driven.ts'
import { everything, logOf, someOrigin } from '../fixtures/logs.ts'
import { logHandler } from '../http/index.ts'
import { memoryTransport } from '../memory/index.ts'
import { logSockets } from '../websocket/index.ts'
import { hybridTransport } from './hybrid.ts'

const refusal = new RejoinError('network', 'a proxy refuses the upgrade', {
  operation: 'subscribe',
  component: 'test',
})

describe('a hybrid transport that follows what hello offers', () => {
  it('subscribes over the WebSocket where the remote has them', async () => {
    const { both, asked } = await hybrid()
    await both.hello({ origin: someOrigin })
    expect(await firstIds(both)).toEqual(['e0', 'e1'])
    expect(asked).toEqual(['websocket'])
  })

  it.each([
    ['an older remote says nothing', null],
    ['the remote has event streams only', ['sse']],
    ['the remote has what nobody knows yet', ['quic']],
  ])('subscribes over the calls where %s', async (_, offers) => {
    const { both, asked } = await hybrid({ offers })
    await both.hello({ origin: someOrigin })
    expect(await firstIds(both)).toEqual(['e0'])
    expect(asked).toEqual(['sse'])
  })

  it('is offered one by the hello of a log that is served over WebSockets as well', async () => {
    const log = await logOf('hub')
    const greeted = async () => {
      const answer = await logHandler(log)(
        new Request(`http://hub.test/sync/hello?origin=${someOrigin}`),
      )
      return ((await answer.json()) as { live?: unknown }).live
    }
    expect(await greeted()).toBeUndefined()
    logSockets(log)
    expect(await greeted()).toEqual(['sse', 'websocket'])
  })

  it('subscribes over the calls before anybody was greeted', async () => {
    const { both, asked } = await hybrid()
    await firstIds(both)
    expect(asked).toEqual(['sse'])
  })

  it('falls back where the upgrade fails, and leaves it alone for ten minutes', async () => {
    const { both, asked, runtime } = await hybrid({ live: () => Promise.reject(refusal) })
    await both.hello({ origin: someOrigin })
    expect(await firstIds(both)).toEqual(['e0'])
    expect(await firstIds(both)).toEqual(['e0'])
    expect(asked).toEqual(['websocket', 'sse', 'sse'])
    runtime.pass(10 * 60_000)
    await firstIds(both)
    expect(asked.slice(3)).toEqual(['websocket', 'sse'])
  })

  it('falls back where a proxy swallows the upgrade, after five seconds', async () => {
    const swallowed = Promise.withResolvers<void>()
    const { both, asked, runtime } = await hybrid({
      live: () => {
        swallowed.resolve()
        return new Promise<never>(() => {})
      },
    })
    await both.hello({ origin: someOrigin })
    const ids = firstIds(both)
    await swallowed.promise
    runtime.pass(5_000)
    expect(await ids).toEqual(['e0'])
    expect(asked).toEqual(['websocket', 'sse'])
  })

  it('tries the WebSocket again at once where the stream fails as well: it is the network', async () => {
    const { both, asked } = await hybrid({
      live: () => Promise.reject(refusal),
      calls: () => Promise.reject(refusal),
    })
    await both.hello({ origin: someOrigin })
    for (let times = 0; times < 2; times++)
      await expect(firstIds(both)).rejects.toMatchObject({ code: 'network' })
    expect(asked).toEqual(['websocket', 'sse', 'websocket', 'sse'])
  })

  it('can only be asked where neither is there', async () => {
    const { both } = await hybrid({ live: () => Promise.reject(refusal), isDeaf: true })
    await both.hello({ origin: someOrigin })
    await expect(firstIds(both)).rejects.toMatchObject({ code: 'not_found', retryable: false })
  })

  it('does not change over once a page has come', async () => {
    let pages = 0
    const { both, asked } = await hybrid({
      live: (page) => (pages++ === 0 ? page() : Promise.reject(refusal)),
    })
    await both.hello({ origin: someOrigin })
    const stream = both.subscribe?.(start, everything, new AbortController().signal)
    const all = Array.fromAsync(stream ?? [])
    await expect(all).rejects.toBe(refusal)
    expect(asked).toEqual(['websocket'])
  })

  it('ends with the signal’s reason while it waits', async () => {
    const { both } = await hybrid({ live: () => new Promise<never>(() => {}) })
    await both.hello({ origin: someOrigin })
    const end = new AbortController()
    const ids = firstIds(both, end.signal)
    end.abort(new Error('enough'))
    await expect(ids).rejects.toThrow('enough')
  })

  it('refuses to choose by anything else', async () => {
    const calls = memoryTransport(await logOf('hub'))
    expect(() => hybridTransport({ calls, live: calls, when: 'maybe' as 'always' })).toThrow(
      'when must be "always" or "offered"',
    )
  })
})

type Next = (page: () => Promise<ChangePage<LogEvent>>) => Promise<ChangePage<LogEvent>>

/** Over the calls there is one event, over the WebSocket there are two. */
async function hybrid({
  offers = ['sse', 'websocket'] as readonly string[] | null,
  live = ((page) => page()) as Next,
  calls = ((page) => page()) as Next,
  isDeaf = false,
} = {}) {
  const asked: string[] = []
  const runtime = handDriven()
  const one = memoryTransport(await logOf('hub', 1))
  const two = memoryTransport(await logOf('hub', 2))
  const { subscribe: _, ...deaf } = one
  const both = hybridTransport({
    calls: {
      ...(isDeaf ? deaf : listening(one, 'sse', asked, calls)),
      async hello(mine, signal) {
        const { live: none, ...welcome } = await one.hello(mine, signal)
        return offers === null ? welcome : { ...welcome, live: offers }
      },
    },
    live: listening(two, 'websocket', asked, live),
    when: 'offered',
    runtime,
  })
  return { both, asked, runtime }
}

function listening(
  transport: Transport<LogEvent>,
  name: string,
  asked: string[],
  next: Next,
): Transport<LogEvent> {
  return {
    ...transport,
    async *subscribe(after, want, signal) {
      asked.push(name)
      const pages = transport.subscribe?.(after, want, signal)[Symbol.asyncIterator]()
      for (;;) yield await next(async () => (await pages?.next())?.value as ChangePage<LogEvent>)
    },
  }
}

async function firstIds(
  transport: Transport<LogEvent>,
  signal = new AbortController().signal,
): Promise<readonly string[]> {
  for await (const page of transport.subscribe?.(start, everything, signal) ?? [])
    return page.kind === 'page' ? page.changes.map(({ id }) => id) : []
  return []
}
