import { describe, expect, it } from 'vitest'
import { handDriven } from '../fixtures/hand-driven.ts'
import { Calls } from './calls.ts'

const never = () => new Promise<never>(() => {})
const component = 'transport/test'

describe('calls under way', () => {
  it('end with what their work gives, and leave nothing behind', async () => {
    const runtime = handDriven()
    const calls = new Calls({ runtime, component, timeout: 100 })
    expect(await calls.run('pull', undefined, async () => 7)).toBe(7)
    const wrong = calls.run('pull', undefined, () => Promise.reject(new Error('wrong')))
    await expect(wrong).rejects.toThrow('wrong')
    expect(runtime.pending).toBe(0)
  })

  it('end with the reason of their signal, also when the work takes no notice', async () => {
    const runtime = handDriven()
    const calls = new Calls({ runtime, component, timeout: 100 })
    const stop = new AbortController()
    let seen: AbortSignal | undefined
    const call = calls.run('pull', stop.signal, (signal) => {
      seen = signal
      return never()
    })
    stop.abort('enough')
    await expect(call).rejects.toBe('enough')
    expect(seen?.aborted).toBe(true)
    expect(runtime.pending).toBe(0)
  })

  it('do not begin under a signal that has aborted', async () => {
    const calls = new Calls({ runtime: handDriven(), component })
    let begun = false
    const call = calls.run('pull', AbortSignal.abort('enough'), async () => {
      begun = true
    })
    await expect(call).rejects.toBe('enough')
    expect(begun).toBe(false)
  })

  it('end with a timeout', async () => {
    const runtime = handDriven()
    const calls = new Calls({ runtime, component, timeout: 100 })
    const call = calls.run('pull', undefined, never)
    runtime.pass(99)
    runtime.pass(1)
    await expect(call).rejects.toMatchObject({ code: 'timeout', operation: 'pull', component })
  })

  it('end as closed when the transport closes, which waits for them; later ones do not begin', async () => {
    const calls = new Calls({ runtime: handDriven(), component })
    const ended: string[] = []
    const call = calls
      .run('pull', undefined, never)
      .catch(({ code }) => ended.push(`the call: ${code}`))
    await calls.close()
    ended.push('the transport')
    await call
    expect(ended).toEqual(['the call: closed', 'the transport'])
    await calls.close()
    await expect(calls.run('push', undefined, async () => 7)).rejects.toMatchObject({
      code: 'closed',
      operation: 'push',
    })
  })
})
