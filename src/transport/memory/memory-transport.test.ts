import { describe, expect, it } from 'vitest'
import type { Replica } from '../../contracts/index.ts'
import type { LogEvent } from '../../event/index.ts'
import { start } from '../../version/index.ts'
import { eventAt, idsIn, logOf, pushOf, someOrigin } from '../fixtures/logs.ts'
import { memoryTransport } from './memory-transport.ts'

describe('a memory transport', () => {
  it('moves events between two logs', async () => {
    const laptop = await logOf('laptop', 3)
    const hub = await logOf('hub')
    await using transport = memoryTransport(hub)
    const push = await pushOf(laptop)
    const welcome = await transport.hello({ origin: push.origin })
    expect(welcome).toMatchObject({ node: 'hub', you: { sequence: 0n } })
    const pushed = await transport.push(push)
    expect(pushed).toMatchObject({ kind: 'applied', receipts: Array(3).fill({ kind: 'stored' }) })
    const page = await transport.pull(start, { count: 10, bytes: 1e6 })
    expect(page).toMatchObject({ kind: 'page', changes: push.changes })
    expect(await idsIn(hub)).toEqual(await idsIn(laptop))
  })

  it('takes a log that is closed over there for one that is away', async () => {
    const hub = await logOf('hub', 1)
    await using transport = memoryTransport(hub)
    const stop = new AbortController()
    const pages = transport.subscribe?.(start, { count: 10, bytes: 1e6 }, stop.signal)
    const stream = (pages as AsyncIterable<unknown>)[Symbol.asyncIterator]()
    await stream.next()
    const away = { code: 'unavailable', retryable: true }
    const next = expect(stream.next()).rejects.toMatchObject(away)
    await hub.close()
    await expect(transport.hello({ origin: someOrigin })).rejects.toMatchObject(away)
    await expect(transport.pull(start, { count: 1, bytes: 1 })).rejects.toMatchObject(away)
    await next
    stop.abort()
  })

  it('gives every call up when its signal aborts', async () => {
    await using transport = memoryTransport(deaf)
    const stop = new AbortController()
    const calls = [
      transport.hello({ origin: someOrigin }, stop.signal),
      transport.push(
        { origin: someOrigin, changes: [], cursor: start, expects: start },
        stop.signal,
      ),
      transport.pull(start, { count: 1, bytes: 1 }, stop.signal),
      transport.pull(start, { count: 1, bytes: 1, ids: [] }, AbortSignal.abort('enough')),
    ]
    stop.abort('enough')
    for (const call of calls) await expect(call).rejects.toBe('enough')
  })

  it('tells of what is committed, and shares what it reads with all transports to the log', async () => {
    const hub = await logOf('hub', 1)
    const stop = new AbortController()
    const transports = [memoryTransport(hub), memoryTransport(hub)]
    const [one, other] = transports.map((transport) =>
      transport.subscribe?.(start, { count: 10, bytes: 1e6 }, stop.signal)[Symbol.asyncIterator](),
    )
    await Promise.all([one?.next(), other?.next()])
    const pages = Promise.all([one?.next(), other?.next()])
    await hub.append([eventAt(1)])
    const [page, same] = await pages
    expect(page?.value).toMatchObject({ kind: 'page', changes: [{ id: 'e1' }] })
    expect(same?.value).toBe(page?.value)
    const waiting = one?.next()
    stop.abort('enough')
    await expect(waiting).rejects.toBe('enough')
  })

  it('ends its subscriptions when it closes', async () => {
    const transport = memoryTransport(await logOf('hub'))
    const { signal } = new AbortController()
    const want = { count: 10, bytes: 1e6 }
    const pages = transport.subscribe?.(start, want, signal)[Symbol.asyncIterator]()
    await pages?.next()
    const waiting = expect(pages?.next()).rejects.toMatchObject({ code: 'closed' })
    await transport.close()
    await waiting
    const late = transport.subscribe?.(start, want, signal)[Symbol.asyncIterator]()
    await expect(late?.next()).rejects.toMatchObject({ code: 'closed' })
  })

  it('leaves the log open when it closes', async () => {
    const hub = await logOf('hub', 1)
    const transport = memoryTransport(hub)
    await transport.close()
    await expect(transport.hello({ origin: someOrigin })).rejects.toMatchObject({ code: 'closed' })
    expect((await hub.status()).events).toBe(1n)
  })
})

const never = () => new Promise<never>(() => {})
const deaf = {
  identity: never,
  knowledge: never,
  changes: never,
  apply: never,
  fetch: never,
} as unknown as Replica<LogEvent>
