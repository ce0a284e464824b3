import { describe, expect, it } from 'vitest'
import { syncOnce } from '../../link/index.ts'
import { MemoryStore } from '../../store/memory/index.ts'
import { start } from '../../version/index.ts'
import { memoryTransport } from '../memory/index.ts'
import { nullTransport } from './index.ts'

const note = (id: string) => ({ id, type: 'noted', aggregateId: 'a' })

describe('a sync with nobody', () => {
  it('succeeds, and leaves everything in the outbox for somebody', async () => {
    const store = await MemoryStore.open()
    await store.append([note('1'), note('2')])
    for (let n = 0; n < 3; n++)
      expect(await syncOnce({ replica: store, transport: nullTransport() })).toEqual({
        pushed: 0,
        pulled: 0,
        errors: [],
        remoteEnd: start,
      })
    const { links } = await store.status()
    expect(links).toMatchObject([{ unsynced: 2n, parked: 0 }])

    const hub = await MemoryStore.open()
    const result = await syncOnce({ replica: store, transport: memoryTransport(hub) })
    expect(result).toMatchObject({ pushed: 2, errors: [] })
  })

  it('is over before it begins when it is aborted, or closed', async () => {
    const transport = nullTransport()
    const reason = new Error('enough')
    const aborted = AbortSignal.abort(reason)
    await expect(transport.hello({ origin: 'x' as never }, aborted)).rejects.toBe(reason)
    await transport.close()
    await transport[Symbol.asyncDispose]()
    await expect(transport.hello({ origin: 'x' as never })).rejects.toMatchObject({
      code: 'closed',
    })
  })

  it('never tells a push that it arrived', async () => {
    const batch = { origin: 'x' as never, changes: [], cursor: start, expects: start }
    expect(await nullTransport().push(batch)).toEqual({ kind: 'reset' })
  })
})
