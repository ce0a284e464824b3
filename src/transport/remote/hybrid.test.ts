import { describe, expect, it } from 'vitest'
import { logOf, someOrigin } from '../fixtures/logs.ts'
import { memoryTransport } from '../memory/index.ts'
import { nullTransport } from '../null/index.ts'
import { hybridTransport } from './hybrid.ts'

describe('a hybrid transport', () => {
  it('calls one way and listens another, and closes both', async () => {
    const [calls, live] = [
      memoryTransport(await logOf('calls')),
      memoryTransport(await logOf('live', 2)),
    ]
    const both = hybridTransport({ calls, live })
    const end = new AbortController()
    expect((await both.hello({ origin: someOrigin })).node).toBe('calls')
    const pages = both.subscribe?.('' as never, { count: 9, bytes: 9_999 }, end.signal)
    for await (const page of pages ?? []) {
      expect(page).toMatchObject({ kind: 'page', changes: [{ id: 'e0' }, { id: 'e1' }] })
      break
    }
    await both.close()
    for (const one of [calls, live])
      await expect(one.hello({ origin: someOrigin })).rejects.toMatchObject({ code: 'closed' })
  })

  it('needs one that can be listened to', async () => {
    const calls = memoryTransport(await logOf('calls'))
    expect(() => hybridTransport({ calls, live: nullTransport() })).toThrow(
      'live must be a transport with subscribe',
    )
  })
})
