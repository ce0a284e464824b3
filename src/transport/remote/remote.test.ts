import { describe, expect, it } from 'vitest'
import type { EventId } from '../../event/index.ts'
import { systemRuntime } from '../../runtime/index.ts'
import { MemoryStore } from '../../store/memory/index.ts'
import { start } from '../../version/index.ts'
import { logOf, pushOf, someOrigin, wellFormed } from '../fixtures/logs.ts'
import { remoteOf } from './remote.ts'

const options = { runtime: { now: () => 42 } }

describe('a remote', () => {
  it('says who it is, how far its log goes and what it takes', async () => {
    const log = await logOf('hub', 3)
    const { node, origin, end } = await log.identity()
    expect(await remoteOf(log, options).hello(undefined)).toEqual({
      node,
      origin,
      end,
      time: 42,
      limits: { count: 2000, bytes: 4 * 1024 * 1024 },
      filters: true,
    })
  })

  it('tells a peer that names itself what is known of it', async () => {
    const laptop = await logOf('laptop', 2)
    const hub = remoteOf(await logOf('hub'), options)
    const push = await pushOf(laptop)
    expect((await hub.hello({ origin: push.origin })).you).toEqual({
      received: start,
      pulled: start,
      sequence: 0n,
      ids: [],
    })
    await hub.push(push)
    const known = { received: push.cursor, pulled: start, sequence: 2n, ids: ['e1'] }
    expect((await hub.hello({ origin: push.origin })).you).toEqual(known)
  })

  it('takes a new origin when a peer knows more of it than it does itself', async () => {
    const log = await logOf('hub', 1)
    const hub = remoteOf(log, options)
    const { origin, end } = await log.identity()
    const known = { received: end, pulled: end, sequence: 1n, ids: ['e0' as EventId] }
    const agreed = await hub.hello({ origin: someOrigin, you: { origin, ...known } })
    expect(agreed.origin).toBe(origin)
    const ahead = { origin, ...known, sequence: 2n, ids: ['e1' as EventId] }
    const renewed = await hub.hello({ origin: someOrigin, you: ahead })
    expect(renewed.origin).not.toBe(origin)
    expect(renewed.node).toBe('hub')
  })

  it('never answers more than its limits, and leaves out what came over the link', async () => {
    const log = await logOf('hub', 5)
    const hub = remoteOf(log, { ...options, limits: { count: 2 } })
    const page = await hub.pull(start, { count: 100, bytes: 1e6 })
    expect(page).toMatchObject({ kind: 'page', more: true, changes: [{ id: 'e0' }, { id: 'e1' }] })
    await hub.push({ ...(await pushOf(await logOf('laptop', 1))), changes: [], origin: someOrigin })
    const rest = { count: 100, bytes: 1e6, notVia: someOrigin }
    expect(await hub.pull(start, rest)).toMatchObject({ kind: 'page', changes: [{}, {}] })
  })

  it('answers reset for a cursor that its log does not hold', async () => {
    const hub = remoteOf(await logOf('hub', 1), options)
    expect(await hub.pull(wellFormed, { count: 1, bytes: 1 })).toEqual({ kind: 'reset' })
  })

  it('refuses a push and a fetch of more than it takes, and stores nothing', async () => {
    const log = await logOf('hub')
    const hub = remoteOf(log, { ...options, limits: { count: 1, ids: 1 } })
    const push = await pushOf(await logOf('laptop', 2))
    await expect(hub.push(push)).rejects.toMatchObject({ code: 'too_large' })
    expect((await log.status()).events).toBe(0n)
    const ids = ['e0', 'e1'] as EventId[]
    const pull = hub.pull(start, { count: 2, bytes: 1e6, ids })
    await expect(pull).rejects.toMatchObject({ code: 'too_large', details: { ids: 2, limit: 1 } })
  })

  it('fetches by ids what is here, until the page is full, and says so', async () => {
    const log = await MemoryStore.open({ node: 'hub' })
    const text = 'x'.repeat(1000)
    const numbered = Array.from({ length: 40 }, (_, at) => `e${at}`)
    await log.append(numbered.map((id) => ({ id, type: 'T', aggregateId: 'a', data: text })))
    const hub = remoteOf(log, { runtime: systemRuntime })
    const asked = ['unknown', ...numbered] as EventId[]

    const whole = await hub.pull(wellFormed, { count: 1, bytes: 1e6, ids: asked })
    expect(whole).toMatchObject({ kind: 'page', cursor: wellFormed, more: false })
    expect(whole.kind === 'page' && whole.changes.length).toBe(40)

    const got = new Set<string>()
    for (let left = asked, calls = 1; ; calls++) {
      const page = await hub.pull(start, { count: 1, bytes: 10_000, ids: left })
      if (page.kind === 'reset') throw new Error('no reset here')
      for (const { id } of page.changes) got.add(id)
      left = asked.filter((id) => !got.has(id))
      if (page.more) continue
      expect(calls).toBe(3)
      break
    }
    expect(got.size).toBe(40)
  })
})
